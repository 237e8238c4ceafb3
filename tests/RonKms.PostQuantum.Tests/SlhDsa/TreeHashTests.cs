using System.Security.Cryptography;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The pass over a tree against the standard's recursion, algorithm 15.</summary>
public sealed class TreeHashTests
{
    private static readonly SlhDsaParameters s_set = SlhDsaParameters.Shake192s;
    private static readonly byte[] s_skSeed = RandomNumberGenerator.GetBytes(24);

    private ShakeHash _hash = ShakeHash.Create(RandomNumberGenerator.GetBytes(24));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public void RootAndPathAreThoseOfTheRecursion(int height)
    {
        uint first = 3U << height;
        Address adrs = ForsAddress();
        byte[] expected = Node(first >> height, height);
        uint count = 1U << height;
        for (uint leaf = 0; leaf < count; leaf += Math.Max(1, count / 16))
        {
            Address nodes = adrs;
            byte[] auth = new byte[height * s_set.N];
            byte[] root = new byte[s_set.N];
            TreeHash.Compute<ShakeHash, ForsLeaves>(ref _hash, s_set, s_skSeed, first, height, leaf, in adrs, ref nodes, auth, root);
            Assert.Equal(expected, root);
            for (int z = 0; z < height; z++)
            {
                Assert.Equal(Node(((first + leaf) >> z) ^ 1, z), auth[(z * s_set.N)..((z + 1) * s_set.N)]);
            }

            byte[] climbed = Node(first + leaf, 0);
            AuthenticationPath.Climb(ref _hash, s_set, [first + leaf], height, auth, auth.Length, new Span<Address>(ref nodes), climbed);
            Assert.Equal(expected, climbed);
        }
    }

    private static Address ForsAddress()
    {
        Address adrs = default;
        adrs.SetTreeAddress(77);
        adrs.SetTypeAndClear(AddressType.ForsTree);
        adrs.SetKeyPairAddress(5);
        return adrs;
    }

    private byte[] Node(uint i, int z)
    {
        Address adrs = ForsAddress();
        byte[] node = new byte[s_set.N];
        if (z == 0)
        {
            Address skAdrs = adrs;
            skAdrs.SetTypeAndClear(AddressType.ForsPrf);
            skAdrs.SetKeyPairAddress(5);
            skAdrs.SetTreeIndex(i);
            _hash.Prf([skAdrs], s_skSeed, node);
            adrs.SetTreeIndex(i);
            _hash.F([adrs], node);
            return node;
        }

        byte[] children = [.. Node(2 * i, z - 1), .. Node((2 * i) + 1, z - 1)];
        adrs.SetTreeHeight(z);
        adrs.SetTreeIndex(i);
        _hash.T([adrs], children, node);
        return node;
    }
}
