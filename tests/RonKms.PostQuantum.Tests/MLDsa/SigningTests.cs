using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.Tests.PreHash;

namespace RonKms.PostQuantum.Tests.MLDsa;

public sealed class SigningTests
{
    private static readonly byte[] s_seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_message = "a message"u8.ToArray();

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void EveryFlippedBitOfASampleOfPlacesIsRejected(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        ManagedMLDsaAlgorithm algorithm = new(p.Id);
        byte[] publicKey = PublicKeyOf(algorithm);
        byte[] signature = MLDsaAlgorithms.SignDeterministic(p, s_seed, s_message, []);
        Assert.True(algorithm.Verify(publicKey, s_message, signature));

        // All of the commitment hash and of the hint, and every 37th byte of the response.
        int hint = p.SignatureSize - p.Omega - p.K;
        IEnumerable<int> places = Enumerable.Range(0, p.SignatureSize).Where(i => i < p.CommitmentHashSize || i >= hint || i % 37 == 0);
        foreach (int place in places)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                signature[place] ^= (byte)(1 << bit);
                Assert.False(algorithm.Verify(publicKey, s_message, signature), $"byte {place}, bit {bit}");
                signature[place] ^= (byte)(1 << bit);
            }
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ResponseOutOfItsRangeIsRejected(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        ManagedMLDsaAlgorithm algorithm = new(p.Id);
        byte[] publicKey = PublicKeyOf(algorithm);
        byte[] signature = MLDsaAlgorithms.SignDeterministic(p, s_seed, s_message, []);
        int[] z = new int[MLDsaParameters.N];
        foreach (int value in new[] { p.Gamma1, 1 - p.Gamma1, p.Gamma1 - p.Beta, p.Beta - p.Gamma1 })
        {
            byte[] changed = [.. signature];
            PolynomialPacking.BitUnpack(changed.AsSpan(p.PackedZ(p.L - 1)), p.ZBits, p.Gamma1, z);
            z[17] = value;
            PolynomialPacking.BitPack(z, p.ZBits, p.Gamma1, changed.AsSpan(p.PackedZ(p.L - 1)));
            Assert.False(algorithm.Verify(publicKey, s_message, changed));
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void DeterministicSigningRepeatsAndHedgedSigningDoesNot(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        ManagedMLDsaAlgorithm algorithm = new(p.Id);
        byte[] publicKey = PublicKeyOf(algorithm);
        byte[] deterministic = MLDsaAlgorithms.SignDeterministic(p, s_seed, s_message, [1]);
        Assert.Equal(deterministic, MLDsaAlgorithms.SignDeterministic(p, s_seed, s_message, [1]));
        Assert.NotEqual(deterministic, MLDsaAlgorithms.SignDeterministic(p, s_seed, s_message, []));

        using SigningKey key = algorithm.Open(s_seed, publicKey);
        byte[] one = new byte[p.SignatureSize];
        byte[] other = new byte[p.SignatureSize];
        key.Sign(s_message, one);
        key.Sign(s_message, other);
        Assert.NotEqual(one, other);
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void KeyIsNotOpenedUnderAPublicKeyThatIsNotItsOwn(string name)
    {
        ManagedMLDsaAlgorithm algorithm = new(MLDsaAlgorithms.Find(name).Id);
        byte[] publicKey = PublicKeyOf(algorithm);
        publicKey[^1] ^= 1;
        Assert.Throws<ArgumentException>(() => algorithm.Open(s_seed, publicKey));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void RepresentativeSignsAndVerifiesAsItsMessage(string name)
    {
        ManagedMLDsaAlgorithm algorithm = new(MLDsaAlgorithms.Find(name).Id);
        byte[] publicKey = PublicKeyOf(algorithm);
        SignOptions options = new() { Context = new byte[] { 1, 2, 3 } };
        byte[] mu = new byte[ManagedMLDsaAlgorithm.MessageRepresentativeSize];
        algorithm.ComputeRepresentative(publicKey, s_message, mu, options);
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        Assert.Equal(signature.Length, algorithm.SignRepresentative(s_seed, mu, signature));
        Assert.True(algorithm.Verify(publicKey, s_message, signature, options));
        Assert.True(algorithm.VerifyRepresentative(publicKey, mu, signature));
        Assert.False(algorithm.Verify(publicKey, s_message, signature));
        mu[0] ^= 1;
        Assert.False(algorithm.VerifyRepresentative(publicKey, mu, signature));
        Assert.False(algorithm.VerifyRepresentative(publicKey.AsSpan()[1..], mu, signature));
        Assert.Throws<ArgumentException>(() => algorithm.VerifyRepresentative(publicKey, mu.AsSpan()[1..], signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignRepresentative(s_seed, mu.AsSpan()[1..], signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignRepresentative(s_seed.AsSpan()[1..], mu, signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignRepresentative(s_seed, mu, signature.AsSpan()[1..]));
        Assert.Throws<ArgumentException>(() => algorithm.ComputeRepresentative(publicKey.AsSpan()[1..], s_message, mu));
    }

    [Fact]
    public void DigestSignsUnderItsFunctionAlone()
    {
        ManagedMLDsaAlgorithm algorithm = new(KeyAlgorithm.MLDsa65);
        byte[] publicKey = PublicKeyOf(algorithm);
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        SignOptions options = new() { Context = new byte[] { 9 } };
        foreach (PreHashFunction function in PreHashFunction.All)
        {
            byte[] digest = PreHashDigests.Hash(function, s_message);
            Assert.Equal(signature.Length, algorithm.SignPreHash(s_seed, digest, function, signature, options));
            Assert.True(algorithm.VerifyPreHash(publicKey, digest, function, signature, options));
            Assert.False(algorithm.VerifyPreHash(publicKey, digest, function, signature));
            Assert.False(algorithm.Verify(publicKey, digest, signature, options));
            Assert.False(algorithm.Verify(publicKey, s_message, signature, options));
            Assert.All(
                PreHashFunction.All.Where(f => f != function && f.DigestSize == digest.Length),
                f => Assert.False(algorithm.VerifyPreHash(publicKey, digest, f, signature, options)));
            Assert.Throws<ArgumentException>(() => algorithm.SignPreHash(s_seed, digest.AsSpan()[1..], function, signature));
            Assert.Throws<ArgumentException>(() => algorithm.VerifyPreHash(publicKey, [.. digest, 0], function, signature));
        }
    }

    private static byte[] PublicKeyOf(ManagedMLDsaAlgorithm algorithm)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(s_seed, publicKey));
        return publicKey;
    }
}
