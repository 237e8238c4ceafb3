using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests;

public sealed class PostQuantumProviderTests
{
    [Fact]
    public void ManagedIsManagedEverywhere() =>
        Assert.All(PostQuantumAlgorithms.All(PostQuantumProvider.Managed), algorithm => Assert.Equal("managed", algorithm.Provider));

    [Fact]
    public void AutoHasEveryAlgorithmThatManagedHas() => Assert.Equal(
        PostQuantumAlgorithms.All(PostQuantumProvider.Managed).Select(a => a.Id.Name),
        PostQuantumAlgorithms.All(PostQuantumProvider.Auto).Select(a => a.Id.Name));

    [Fact]
    public void AutoTakesThePlatformsMLKemWhereItHasOne()
    {
        Algorithm algorithm = PostQuantumAlgorithms.All(PostQuantumProvider.Auto).Single(a => a.Id == KeyAlgorithm.MLKem768);
        Assert.Equal(PlatformMLKemAlgorithm.IsSupported ? "platform" : "managed", algorithm.Provider);
    }

    [Fact]
    public void PlatformAloneSaysWhenThereIsNone()
    {
        if (PlatformMLKemAlgorithm.IsSupported)
        {
            Assert.All(PostQuantumAlgorithms.All(PostQuantumProvider.Platform), algorithm => Assert.Equal("platform", algorithm.Provider));
            return;
        }

        KmsException none = Assert.Throws<KmsException>(() => new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Platform));
        Assert.Equal(KmsError.AlgUnavailable, none.Error);
    }

    [Fact]
    public void UnknownProviderIsAnArgumentError() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeystoreOptions().UsePostQuantum((PostQuantumProvider)3));

    [Fact]
    public void OptionsKeepWhatTheyHave()
    {
        KeystoreOptions options = new();
        Assert.Same(options, options.UsePostQuantum());
        Assert.True(options.Algorithms.TryFind(KeyAlgorithm.Ed25519, out _));
        Assert.True(options.Algorithms.TryFind(KeyAlgorithm.MLKem768, out _));
    }
}
