using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>What two implementations of a signature algorithm must agree on.</summary>
internal static class SignatureCrossCheck
{
    /// <summary>Each signs, both verify; under another context, message or key neither does.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="rounds">How many keys.</param>
    internal static void EachVerifiesTheOthers(KeyAlgorithm id, int rounds)
    {
        int[] contextSizes = [0, 1, 32, 255];
        int[] messageSizes = [0, 1, 135, 136, 137, 5000];
        for (int round = 0; round < rounds; round++)
        {
            KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Generate(id, round);
            byte[] message = RandomNumberGenerator.GetBytes(messageSizes[round % messageSizes.Length]);
            SignOptions options = new() { Context = RandomNumberGenerator.GetBytes(contextSizes[round % contextSizes.Length]) };
            SignOptions other = new() { Context = new byte[] { 1, 2 } };
            foreach ((SignatureAlgorithm signer, SignatureAlgorithm verifier) in pair.BothWays)
            {
                byte[] signature = Sign(signer, pair, message, options);
                foreach (SignatureAlgorithm either in new[] { verifier, signer })
                {
                    Assert.True(either.Verify(pair.PublicKey, message, signature, options));
                    Assert.False(either.Verify(pair.PublicKey, message, signature, other));
                    Assert.False(either.Verify(pair.PublicKey, [.. message, 0], signature, options));
                    Assert.False(either.Verify(Flipped(pair.PublicKey, round), message, signature, options));
                }
            }
        }
    }

    /// <summary>Both give the same verdict on a signature changed anywhere, and on one of another length.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="step">The distance between the bytes that are changed.</param>
    /// <param name="more">Signatures that are malformed in the algorithm's own ways, made of a good one.</param>
    internal static void BothRefuseTheSame(KeyAlgorithm id, int step, Func<byte[], IEnumerable<byte[]>>? more = null)
    {
        KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Generate(id);
        byte[] message = [1, 2, 3];
        byte[] good = Sign(pair.Platform, pair, message, options: null);
        Assert.True(VerdictOf(pair, message, good));
        IEnumerable<byte[]> flipped = Enumerable.Range(0, good.Length)
            .Where(i => i % step == 0 || i == good.Length - 1)
            .Select(i => Flipped(good, i));
        byte[][] others = [[], good[1..], good[..^1], [.. good, 0], new byte[good.Length], RandomNumberGenerator.GetBytes(good.Length)];
        foreach (byte[] signature in flipped.Concat(others).Concat(more?.Invoke(good) ?? []))
        {
            Assert.False(VerdictOf(pair, message, signature));
        }

        Assert.False(pair.Platform.Verify(pair.PublicKey.AsSpan(1), message, good));
        Assert.False(pair.Managed.Verify(pair.PublicKey.AsSpan(1), message, good));
        Assert.False(pair.Platform.Verify(new byte[pair.PublicKey.Length], message, good));
        Assert.False(pair.Managed.Verify(new byte[pair.PublicKey.Length], message, good));
    }

    /// <summary>Signs with a key opened for it.</summary>
    internal static byte[] Sign(SignatureAlgorithm signer, KeyPair<SignatureAlgorithm> pair, byte[] message, SignOptions? options)
    {
        using SigningKey key = signer.Open(pair.Secret, pair.PublicKey);
        byte[] signature = new byte[signer.MaxSignatureSize];
        Assert.Equal(signature.Length, key.Sign(message, signature, options));
        return signature;
    }

    /// <summary>The dotted form of a pre-hash function's object identifier.</summary>
    internal static string OidOf(PreHashFunction function) => $"2.16.840.1.101.3.4.2.{function.EncodedOid[^1]}";

    /// <summary>A copy with one bit changed.</summary>
    internal static byte[] Flipped(byte[] source, int place)
    {
        byte[] changed = [.. source];
        changed[place % source.Length] ^= (byte)(1 << (place % 8));
        return changed;
    }

    private static bool VerdictOf(KeyPair<SignatureAlgorithm> pair, byte[] message, byte[] signature)
    {
        bool managed = pair.Managed.Verify(pair.PublicKey, message, signature);
        Assert.Equal(managed, pair.Platform.Verify(pair.PublicKey, message, signature));
        return managed;
    }
}
