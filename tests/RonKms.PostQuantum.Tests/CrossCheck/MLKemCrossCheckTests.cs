#pragma warning disable SYSLIB5006 // The platform calls some of these members experimental; RFC 9935 fixes what they give.

using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;
using Platform = System.Security.Cryptography.MLKem;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>The platform's ML-KEM against the managed one, both ways.</summary>
public sealed class MLKemCrossCheckTests
{
    public static TheoryData<string> Names => new(MLKemParameters.All.Select(p => p.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void SameSeedGivesTheSameKeys(string name)
    {
        PlatformGate.NeedMLKem();
        MLKemParameters p = Find(name);
        byte[][] seeds = [new byte[64], Enumerable.Repeat((byte)0xFF, 64).ToArray(), .. Enumerable.Range(0, PlatformGate.Rounds).Select(_ => RandomNumberGenerator.GetBytes(64))];
        foreach (byte[] seed in seeds)
        {
            KeyPair<KemAlgorithm> pair = KeyPair<KemAlgorithm>.Of(p.Id, seed);
            using Platform key = Platform.ImportPrivateSeed(PlatformSet(name), pair.Secret);
            byte[] expanded = new byte[p.DecapsulationKeySize];
            MLKemKeyFormats.Expand(p, pair.Secret, expanded);
            Assert.Equal(expanded, key.ExportDecapsulationKey());
            Assert.Equal(pair.Managed.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
            Assert.Equal(pair.Platform.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EachOpensWhatTheOtherEncapsulates(string name)
    {
        PlatformGate.NeedMLKem();
        for (int round = 0; round < PlatformGate.Rounds; round++)
        {
            KeyPair<KemAlgorithm> pair = KeyPair<KemAlgorithm>.Generate(Find(name).Id, round);
            foreach ((KemAlgorithm sender, KemAlgorithm receiver) in pair.BothWays)
            {
                byte[] ciphertext = new byte[sender.CiphertextSize];
                byte[] sent = new byte[sender.SharedSecretSize];
                sender.Encapsulate(pair.PublicKey, ciphertext, sent);
                Assert.Equal(sent, Decapsulate(receiver, pair, ciphertext));
                Assert.Equal(sent, Decapsulate(sender, pair, ciphertext));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BothRejectACiphertextIntoTheSameSecret(string name)
    {
        PlatformGate.NeedMLKem();
        KeyPair<KemAlgorithm> pair = KeyPair<KemAlgorithm>.Generate(Find(name).Id);
        byte[] ciphertext = new byte[pair.Managed.CiphertextSize];
        byte[] sent = new byte[pair.Managed.SharedSecretSize];
        pair.Platform.Encapsulate(pair.PublicKey, ciphertext, sent);
        List<byte[]> wrong = [new byte[ciphertext.Length], Enumerable.Repeat((byte)0xFF, ciphertext.Length).ToArray()];
        for (int round = 0; round < PlatformGate.Rounds; round++)
        {
            wrong.Add(RandomNumberGenerator.GetBytes(ciphertext.Length));
            byte[] flipped = [.. ciphertext];
            flipped[RandomNumberGenerator.GetInt32(flipped.Length)] ^= (byte)(1 << (round % 8));
            wrong.Add(flipped);
        }

        foreach (byte[] bytes in wrong)
        {
            byte[] rejected = Decapsulate(pair.Managed, pair, bytes);
            Assert.Equal(rejected, Decapsulate(pair.Platform, pair, bytes));
            Assert.NotEqual(sent, rejected);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BothTakeAndRefuseTheSameEncapsulationKeys(string name)
    {
        PlatformGate.NeedMLKem();
        MLKemParameters p = Find(name);
        byte[] publicKey = KeyPair<KemAlgorithm>.Generate(p.Id).PublicKey;
        int coefficients = p.K * 256;

        // Section 7.2: q - 1 is the largest coefficient; q, q + 1 and 4095 are none.
        foreach (int place in new[] { 0, 1, 255, 256, (coefficients / 2) + 1, coefficients - 2, coefficients - 1 })
        {
            Assert.True(IsTakenAlike(p, WithCoefficient(publicKey, place, 3328)));
            Assert.False(IsTakenAlike(p, WithCoefficient(publicKey, place, 3329)));
            Assert.False(IsTakenAlike(p, WithCoefficient(publicKey, place, 3330)));
            Assert.False(IsTakenAlike(p, WithCoefficient(publicKey, place, 4095)));
        }

        Assert.True(IsTakenAlike(p, [.. publicKey.AsSpan(0, publicKey.Length - 32), .. new byte[32]]));
        Assert.True(IsTakenAlike(p, new byte[publicKey.Length]));
        Assert.False(IsTakenAlike(p, Enumerable.Repeat((byte)0xFF, publicKey.Length).ToArray()));
        Assert.False(IsTakenAlike(p, publicKey[1..]));
        Assert.False(IsTakenAlike(p, [.. publicKey, 0]));
        Assert.False(IsTakenAlike(p, []));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BothTakeAndRefuseTheSameExpandedKeys(string name)
    {
        PlatformGate.NeedMLKem();
        MLKemParameters p = Find(name);
        byte[] expanded = new byte[p.DecapsulationKeySize];
        MLKemKeyFormats.Expand(p, RandomNumberGenerator.GetBytes(64), expanded);
        int hash = expanded.Length - 64;
        bool IsTaken(byte[] key)
        {
            bool platform = PlatformGate.Takes(() => Platform.ImportDecapsulationKey(PlatformSet(name), key).Dispose());
            Assert.Equal(MLKemKeyCheck.IsValidDecapsulationKey(p, key), platform);
            return platform;
        }

        Assert.True(IsTaken(expanded));
        Assert.True(IsTaken(Flipped(expanded, expanded.Length - 1)));
        Assert.False(IsTaken(Flipped(expanded, hash)));
        Assert.False(IsTaken(Flipped(expanded, hash + 31)));
        Assert.False(IsTaken(Flipped(expanded, hash - 1)));
        Assert.False(IsTaken(expanded[1..]));
        Assert.False(IsTaken([.. expanded, 0]));
    }

    private static bool IsTakenAlike(MLKemParameters p, byte[] publicKey)
    {
        bool platform = PlatformGate.Takes(() => Platform.ImportEncapsulationKey(PlatformSet(p.Name), publicKey).Dispose());
        foreach (PostQuantumProvider provider in new[] { PostQuantumProvider.Managed, PostQuantumProvider.Platform })
        {
            KemAlgorithm algorithm = PostQuantumAlgorithms.All(provider).OfType<KemAlgorithm>().Single(a => a.Id == p.Id);
            Assert.Equal(platform, algorithm.IsValidPublicKey(publicKey));
            byte[] ciphertext = new byte[algorithm.CiphertextSize];
            byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
            Assert.Equal(platform, PlatformGate.Takes(() => algorithm.Encapsulate(publicKey, ciphertext, sharedSecret)));
        }

        return platform;
    }

    // Two coefficients of 12 bits in three bytes.
    private static byte[] WithCoefficient(byte[] publicKey, int place, int value)
    {
        byte[] changed = [.. publicKey];
        Span<byte> pair = changed.AsSpan(place / 2 * 3, 3);
        if (place % 2 == 0)
        {
            pair[0] = (byte)value;
            pair[1] = (byte)((pair[1] & 0xF0) | (value >> 8));
        }
        else
        {
            pair[1] = (byte)((pair[1] & 0x0F) | ((value & 0xF) << 4));
            pair[2] = (byte)(value >> 4);
        }

        return changed;
    }

    private static byte[] Flipped(byte[] source, int place)
    {
        byte[] changed = [.. source];
        changed[place] ^= 1;
        return changed;
    }

    private static byte[] Decapsulate(KemAlgorithm algorithm, KeyPair<KemAlgorithm> pair, byte[] ciphertext)
    {
        byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
        using DecapsulationKey key = algorithm.Open(pair.Secret, pair.PublicKey);
        Assert.True(key.TryDecapsulate(ciphertext, sharedSecret));
        return sharedSecret;
    }

    private static MLKemParameters Find(string name) => MLKemParameters.All.Single(p => p.Name == name);

    private static System.Security.Cryptography.MLKemAlgorithm PlatformSet(string name) => name switch
    {
        "ML-KEM-512" => System.Security.Cryptography.MLKemAlgorithm.MLKem512,
        "ML-KEM-768" => System.Security.Cryptography.MLKemAlgorithm.MLKem768,
        "ML-KEM-1024" => System.Security.Cryptography.MLKemAlgorithm.MLKem1024,
        _ => throw new ArgumentException(name, nameof(name)),
    };
}
