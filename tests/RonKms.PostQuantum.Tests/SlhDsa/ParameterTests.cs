using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class ParameterTests
{
    // FIPS 205, table 2.
    [Theory]
    [InlineData("128s", 7856)]
    [InlineData("128f", 17088)]
    [InlineData("192s", 16224)]
    [InlineData("192f", 35664)]
    [InlineData("256s", 29792)]
    [InlineData("256f", 49856)]
    public void SignatureHasTheSizeOfTheStandard(string set, int size)
    {
        Assert.Equal(size, SlhDsaAlgorithms.Find("SLH-DSA-SHA2-" + set).SignatureSize);
        Assert.Equal(size, SlhDsaAlgorithms.Find("SLH-DSA-SHAKE-" + set).SignatureSize);
    }

    [Fact]
    public void DerivedNumbersAgreeAndFitTheBuffers()
    {
        foreach (SlhDsaParameters p in SlhDsaParameters.All)
        {
            Assert.Equal(p.H, p.D * p.HPrime);
            Assert.Equal(p.M, Digest.MdSize(p) + ((p.H - p.HPrime + 7) / 8) + ((p.HPrime + 7) / 8));
            Assert.True(p.N <= SlhDsaParameters.MaxN && p.Len <= SlhDsaParameters.MaxLen && p.K <= SlhDsaParameters.MaxK && p.M <= SlhDsaParameters.MaxM);
        }
    }

    [Fact]
    public void DigestIsTakenApartAtItsBits()
    {
        // 256f has 64 bits of tree, 192s 54: all of the digest's bits, and then fewer than its bytes.
        byte[] ones = Enumerable.Repeat((byte)0xFF, SlhDsaParameters.MaxM).ToArray();
        Digest wide = new(SlhDsaParameters.Sha2_256f, ones);
        Assert.Equal((ulong.MaxValue, 15), (wide.IdxTree, wide.IdxLeaf));
        Digest narrow = new(SlhDsaParameters.Sha2_192s, ones.AsSpan(0, 39));
        Assert.Equal(((1UL << 54) - 1, 511), (narrow.IdxTree, narrow.IdxLeaf));
    }

    [Fact]
    public void CompressedAddressIsTheStandards()
    {
        Address adrs = default;
        adrs.SetLayerAddress(0x11);
        adrs.SetTreeAddress(0x2122232425262728);
        adrs.SetTypeAndClear(AddressType.ForsTree);
        adrs.SetKeyPairAddress(0x31323334);
        adrs.SetTreeHeight(0x41424344);
        adrs.SetTreeIndex(0x51525354);
        byte[] compressed = new byte[Address.CompressedSize];
        adrs.Compress(compressed);
        Assert.Equal("000000110000000021222324252627280000000331323334414243445152535", Convert.ToHexString(adrs.Bytes)[..63]);
        Assert.Equal("11212223242526272803313233344142434451525354", Convert.ToHexString(compressed));
        adrs.SetTypeAndClear(AddressType.WotsPk);
        Assert.Equal("00000001" + new string('0', 24), Convert.ToHexString(adrs.Bytes[16..]));
    }
}
