using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The caller's memory receives what a signature shows, and never a secret value on its way there.</summary>
public sealed class DestinationTests
{
    private static readonly SlhDsaParameters s_set = SlhDsaAlgorithms.Find("SLH-DSA-SHAKE-128f");
    private static readonly byte[] s_skSeed = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    private static readonly byte[] s_pkSeed = [.. Enumerable.Range(101, 16).Select(i => (byte)i)];

    // Each half-byte value, so that chains of every length are followed.
    private static readonly byte[] s_node = Convert.FromHexString("0123456789ABCDEFFEDCBA9876543210");

    [Fact]
    public void WotsSignatureIsWrittenWhenItIsFinished()
    {
        byte[] expected = new byte[s_set.Len * s_set.N];
        byte[] actual = new byte[expected.Length];
        ShakeHash plain = ShakeHash.Create(s_pkSeed);
        WatchedHash watched = new(s_pkSeed, actual, expected);
        Address adrs = default;
        adrs.SetTypeAndClear(AddressType.WotsHash);
        adrs.SetKeyPairAddress(3);
        Wots.Sign(ref plain, s_set, s_node, s_skSeed, in adrs, expected);
        Wots.Sign(ref watched, s_set, s_node, s_skSeed, in adrs, actual);
        Assert.Equal(expected, actual);
        Assert.True(watched.Looks > s_set.Len);
    }

    [Fact]
    public void XmssSignatureIsWrittenPieceByFinishedPiece()
    {
        byte[] expected = new byte[s_set.XmssSignatureSize];
        byte[] actual = new byte[expected.Length];
        ShakeHash plain = ShakeHash.Create(s_pkSeed);
        WatchedHash watched = new(s_pkSeed, actual, expected);
        Address adrs = default;
        Xmss.Sign(ref plain, s_set, s_node, s_skSeed, 5, in adrs, expected, new byte[s_set.N]);
        Xmss.Sign(ref watched, s_set, s_node, s_skSeed, 5, in adrs, actual, new byte[s_set.N]);
        Assert.Equal(expected, actual);
        Assert.True(watched.Looks > s_set.Len << s_set.HPrime);
    }

    [Fact]
    public void ForsSignatureIsWrittenPieceByFinishedPiece()
    {
        byte[] md = [.. Enumerable.Range(0, Digest.MdSize(s_set)).Select(i => (byte)(7 * i))];
        byte[] expected = new byte[s_set.ForsSignatureSize];
        byte[] actual = new byte[expected.Length];
        ShakeHash plain = ShakeHash.Create(s_pkSeed);
        WatchedHash watched = new(s_pkSeed, actual, expected);
        Address adrs = default;
        adrs.SetTypeAndClear(AddressType.ForsTree);
        adrs.SetKeyPairAddress(3);
        Fors.Sign(ref plain, s_set, md, s_skSeed, in adrs, expected, new byte[s_set.N]);
        Fors.Sign(ref watched, s_set, md, s_skSeed, in adrs, actual, new byte[s_set.N]);
        Assert.Equal(expected, actual);
        Assert.True(watched.Looks > s_set.K << s_set.A);
    }
}
