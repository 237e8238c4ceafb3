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
    public void ChainIsOneStepAfterTheOther()
    {
        ShakeHash hash = ShakeHash.Create(new byte[16]);
        Address adrs = default;
        byte[] whole = new byte[16];
        byte[] parts = new byte[16];
        Wots.Chain(ref hash, whole, 0, 15, ref adrs);
        Wots.Chain(ref hash, parts, 0, 6, ref adrs);
        Wots.Chain(ref hash, parts, 6, 0, ref adrs);
        Wots.Chain(ref hash, parts, 6, 9, ref adrs);
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
        Wots.PkGen(ref hash, p, skSeed, ref adrs, pk);
        Wots.Sign(ref hash, p, m, skSeed, ref adrs, sig);
        Wots.PkFromSig(ref hash, p, sig, m, ref adrs, found);
        Assert.Equal(pk, found);
        m[0] ^= 0x10;
        Wots.PkFromSig(ref hash, p, sig, m, ref adrs, found);
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
