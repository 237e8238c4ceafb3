using System.Security.Cryptography;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class WotsTests
{
    private const int Last = SlhDsaParameters.W - 1;

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void ChecksumIsWhatTheDigitsLack(int n)
    {
        byte[][] messages = [new byte[n], [.. Enumerable.Repeat((byte)0xFF, n)], .. Enumerable.Range(0, 100).Select(_ => RandomNumberGenerator.GetBytes(n))];
        foreach (byte[] m in messages)
        {
            int[] steps = StepsOf(m);
            Assert.Equal(m.SelectMany(x => new[] { x >> 4, x & 15 }), steps[..(2 * n)]);
            Assert.Equal(steps[..(2 * n)].Sum(d => Last - d), (steps[^3] << 8) | (steps[^2] << 4) | steps[^1]);
        }
    }

    [Fact]
    public void NoMessageCanBeReachedByFollowingAnothersChains()
    {
        // What the checksum is for: among any two messages, each goes less far than the other somewhere.
        for (int round = 0; round < 500; round++)
        {
            byte[] m = RandomNumberGenerator.GetBytes(16);
            byte[] near = [.. m];
            near[round % 16] = (byte)(near[round % 16] + 1 + (round / 16));
            foreach (byte[] other in new[] { near, RandomNumberGenerator.GetBytes(16) })
            {
                int[] ours = StepsOf(m);
                int[] theirs = StepsOf(other);
                Assert.Contains(ours.Zip(theirs), pair => pair.First > pair.Second);
                Assert.Contains(ours.Zip(theirs), pair => pair.First < pair.Second);
            }
        }
    }

    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void SignatureLeadsToThePublicKeyForItsMessageAlone(string name)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        if (p.IsShake)
        {
            LeadsToThePublicKey<ShakeHash>(p);
        }
        else if (p.N == 16)
        {
            LeadsToThePublicKey<Sha2Hash<RonKms.PostQuantum.Sha2.Sha256>>(p);
        }
        else
        {
            LeadsToThePublicKey<Sha2Hash<RonKms.PostQuantum.Sha2.Sha512>>(p);
        }
    }

    [Fact]
    public void ChainIsOneStepAfterTheOtherWhateverGoesBesideIt()
    {
        // A key's chains at once, from a common beginning and to a common end, against each alone.
        SlhDsaParameters p = SlhDsaParameters.Shake192s;
        ShakeHash hash = ShakeHash.Create(new byte[p.N]);
        Address adrs = default;
        adrs.SetTypeAndClear(AddressType.WotsHash);
        int[] middle = [.. Enumerable.Range(0, p.Len).Select(_ => RandomNumberGenerator.GetInt32(Last + 1))];
        byte[] parts = RandomNumberGenerator.GetBytes(p.Len * p.N);
        byte[] whole = [.. parts];
        Wots.Follow(ref hash, p, parts, new int[p.Len], middle, in adrs);
        Wots.Follow(ref hash, p, parts, middle, [.. Enumerable.Repeat(Last, p.Len)], in adrs);
        for (int i = 0; i < p.Len; i++)
        {
            adrs.SetChainAddress(i);
            for (int j = 0; j < Last; j++)
            {
                adrs.SetHashAddress(j);
                hash.F([adrs], whole.AsSpan(i * p.N, p.N));
            }
        }

        Assert.Equal(whole, parts);
    }

    private static void LeadsToThePublicKey<THash>(SlhDsaParameters p)
        where THash : struct, ITweakableHash<THash>
    {
        byte[] skSeed = RandomNumberGenerator.GetBytes(p.N);
        byte[] m = RandomNumberGenerator.GetBytes(p.N);
        THash hash = THash.Create(RandomNumberGenerator.GetBytes(p.N));
        Address adrs = default;
        adrs.SetTypeAndClear(AddressType.WotsHash);
        adrs.SetKeyPairAddress(5);

        byte[] pk = new byte[p.N];
        byte[] sig = new byte[p.Len * p.N];
        byte[] found = new byte[p.N];
        Wots.PkGen(ref hash, p, skSeed, in adrs, 5, pk);
        Wots.Sign(ref hash, p, m, skSeed, in adrs, sig);
        Wots.PkFromSig(ref hash, p, sig, m, in adrs, found);
        Assert.Equal(pk, found);
        m[0] ^= 0x10;
        Wots.PkFromSig(ref hash, p, sig, m, in adrs, found);
        Assert.NotEqual(pk, found);
    }

    private static int[] StepsOf(byte[] m)
    {
        int[] steps = new int[(2 * m.Length) + SlhDsaParameters.Len2];
        Wots.Steps(m, steps);
        Assert.All(steps, d => Assert.InRange(d, 0, Last));
        return steps;
    }
}
