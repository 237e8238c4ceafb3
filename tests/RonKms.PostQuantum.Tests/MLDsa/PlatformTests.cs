using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>What happens where the platform has no ML-DSA. Where it has: <see cref="CrossCheck.MLDsaCrossCheckTests"/>.</summary>
public sealed class PlatformTests
{
    [Fact]
    public void PlatformWithoutMLDsaSaysSo()
    {
        Assert.SkipWhen(PlatformMLDsaAlgorithm.IsSupported, "not run: the platform has ML-DSA");
        KmsException e = Assert.Throws<KmsException>(() => new PlatformMLDsaAlgorithm(KeyAlgorithm.MLDsa65));
        Assert.Equal(KmsError.AlgUnavailable, e.Error);
        Assert.Empty(MLDsaFamily.Choose(PostQuantumProvider.Platform));
        Assert.Equal(["managed", "managed", "managed"], MLDsaFamily.Choose(PostQuantumProvider.Auto).Select(a => a.Provider));
    }
}
