// The platform calls its class experimental until it has been used for a while; what it computes is fixed by FIPS 205.
#pragma warning disable SYSLIB5006

using RonKms.PostQuantum.SlhDsa;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The platform's parameter sets, and what happens where it has none. Where it has: <see cref="CrossCheck.SlhDsaCrossCheckTests"/>.</summary>
public sealed class PlatformSlhDsaTests
{
    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void ThePlatformsSetHasTheSameSizes(string name)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        Platform.SlhDsaAlgorithm platform = PlatformSlhDsaAlgorithm.Find(p);
        Assert.Equal(
            (p.PublicKeySize, p.PrivateKeySize, p.SignatureSize),
            (platform.PublicKeySizeInBytes, platform.PrivateKeySizeInBytes, platform.SignatureSizeInBytes));
    }

    [Fact]
    public void WhereThePlatformHasNoneItSaysSo()
    {
        Assert.SkipWhen(PlatformSlhDsaAlgorithm.IsSupported, "not run: the platform has SLH-DSA");
        KmsException none = Assert.Throws<KmsException>(() => new PlatformSlhDsaAlgorithm(KeyAlgorithm.SlhDsaSha2_128f));
        Assert.Equal(KmsError.AlgUnavailable, none.Error);
    }
}
