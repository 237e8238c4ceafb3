using System.Security.Cryptography;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class SlhDsaSchemeTests
{
    private static readonly byte[] s_message = [1, 2, 3];

    [Theory]
    [InlineData("SLH-DSA-SHA2-128f")]
    [InlineData("SLH-DSA-SHAKE-128f")]
    public void EveryBitOfASampleOfPositionsCounts(string name)
    {
        Signed signed = new(name);
        SlhDsaParameters p = signed.Scheme.Parameters;
        int fors = p.N;
        int hypertree = p.N + p.ForsSignatureSize;

        // R; a secret value and a path of the first and last FORS tree; WOTS+ and path of the lowest, second and highest layer; the ends.
        int[] starts =
        [
            0, fors, fors + p.N, hypertree - (2 * p.N), hypertree, hypertree + (p.Len * p.N), hypertree + p.XmssSignatureSize,
            p.SignatureSize - p.XmssSignatureSize, p.SignatureSize - p.N,
        ];
        int[] positions = [.. starts.SelectMany(s => new[] { s, s + p.N - 1 }), .. Enumerable.Range(0, 40).Select(i => i * p.SignatureSize / 40)];
        Assert.True(signed.Verifies(signed.Signature));
        foreach (int position in positions.Distinct())
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. signed.Signature];
                changed[position] ^= (byte)(1 << bit);
                Assert.False(signed.Verifies(changed), $"byte {position}, bit {bit}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void AnotherLengthIsRefused(string name)
    {
        SlhDsaScheme scheme = SlhDsaScheme.For(SlhDsaAlgorithms.Find(name));
        int size = scheme.Parameters.SignatureSize;
        byte[] publicKey = new byte[scheme.Parameters.PublicKeySize];
        foreach (int wrong in new[] { 0, 1, scheme.Parameters.N, size - scheme.Parameters.N, size - 1, size + 1, 2 * size })
        {
            Assert.False(scheme.Verify(s_message, [], new byte[wrong], publicKey));
        }

        Assert.False(scheme.Verify(s_message, [], new byte[size], publicKey.AsSpan(1)));
        Assert.False(scheme.Verify(s_message, [], new byte[size], [.. publicKey, 0]));
    }

    [Fact]
    public void ContextAndPreHashAreDifferentDomains()
    {
        Signed signed = new("SLH-DSA-SHA2-128f");
        byte[] digest = SHA256.HashData(s_message);
        byte[] asMessage = signed.Sign(digest);
        Assert.False(signed.Scheme.VerifyPreHashed(digest, PreHashFunction.Sha256, [], asMessage, signed.PublicKey));
        byte[] preHashed = new byte[asMessage.Length];
        signed.Scheme.SignPreHashed(digest, PreHashFunction.Sha256, [], signed.PrivateKey, signed.Addrnd, preHashed);
        Assert.True(signed.Scheme.VerifyPreHashed(digest, PreHashFunction.Sha256, [], preHashed, signed.PublicKey));
        Assert.False(signed.Scheme.Verify(digest, [], preHashed, signed.PublicKey));
        Assert.False(signed.Scheme.VerifyPreHashed(digest, PreHashFunction.Sha512To256, [], preHashed, signed.PublicKey));

        // M′ begins with the context's length: moving a byte between context and message changes it.
        Assert.True(signed.Scheme.Verify(s_message, [], signed.Signature, signed.PublicKey));
        Assert.False(signed.Scheme.Verify(s_message.AsSpan(1), [s_message[0]], signed.Signature, signed.PublicKey));
    }

    [Fact]
    public void FailureLeavesNothingInTheDestination()
    {
        Signed signed = new("SLH-DSA-SHAKE-128f");
        byte[] tooSmall = new byte[signed.Signature.Length - 1];
        Assert.ThrowsAny<ArgumentException>(() => signed.Scheme.Sign(s_message, [], signed.PrivateKey, signed.Addrnd, tooSmall));
        Assert.Equal(-1, tooSmall.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void LongContextIsAnArgumentError()
    {
        Signed signed = new("SLH-DSA-SHAKE-128f");
        byte[] context = new byte[256];
        Assert.Throws<ArgumentException>(() => signed.Scheme.Sign(s_message, context, signed.PrivateKey, signed.Addrnd, signed.Signature));
        Assert.Throws<ArgumentException>(() => signed.Scheme.Verify(s_message, context, signed.Signature, signed.PublicKey));
    }

    private sealed class Signed
    {
        internal Signed(string name)
        {
            Scheme = SlhDsaScheme.For(SlhDsaAlgorithms.Find(name));
            int n = Scheme.Parameters.N;
            PrivateKey = [.. RandomNumberGenerator.GetBytes(3 * n), .. new byte[n]];
            Scheme.KeyGen(PrivateKey);
            PublicKey = PrivateKey[(2 * n)..];
            Addrnd = RandomNumberGenerator.GetBytes(n);
            Signature = Sign(s_message);
        }

        internal SlhDsaScheme Scheme { get; }

        internal byte[] PrivateKey { get; }

        internal byte[] PublicKey { get; }

        internal byte[] Addrnd { get; }

        internal byte[] Signature { get; }

        internal byte[] Sign(byte[] message)
        {
            byte[] signature = new byte[Scheme.Parameters.SignatureSize];
            Scheme.Sign(message, [], PrivateKey, Addrnd, signature);
            return signature;
        }

        internal bool Verifies(byte[] signature) => Scheme.Verify(s_message, [], signature, PublicKey);
    }
}
