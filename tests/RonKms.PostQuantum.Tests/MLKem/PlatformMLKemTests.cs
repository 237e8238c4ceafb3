using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>What happens where the platform has no ML-KEM. Where it has: <see cref="CrossCheck.MLKemCrossCheckTests"/>.</summary>
public sealed class PlatformMLKemTests
{
    [Fact]
    public void WhereThePlatformHasNoneItSaysSo()
    {
        Assert.SkipWhen(PlatformMLKemAlgorithm.IsSupported, "not run: the platform has ML-KEM");
        KmsException none = Assert.Throws<KmsException>(() => new PlatformMLKemAlgorithm(KeyAlgorithm.MLKem768));
        Assert.Equal(KmsError.AlgUnavailable, none.Error);
    }
}
