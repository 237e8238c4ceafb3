using RonKms.Algorithms;
using RonKms.PostQuantum.Hybrids;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>What becomes of the halves: each policy's truth table, that both always run, and what taking a signature apart gives.</summary>
public sealed class HybridHalvesTests
{
    private static readonly byte[] s_message = "a message"u8.ToArray();
    private static readonly byte[] s_secret = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];

    public static TheoryData<HybridPolicy, bool, bool, bool> Table => new()
    {
        // policy, Ed25519 half good, ML-DSA-65 half good, verdict
        { HybridPolicy.Both, true, true, true },
        { HybridPolicy.Both, true, false, false },
        { HybridPolicy.Both, false, true, false },
        { HybridPolicy.Both, false, false, false },
        { HybridPolicy.Either, true, true, true },
        { HybridPolicy.Either, true, false, true },
        { HybridPolicy.Either, false, true, true },
        { HybridPolicy.Either, false, false, false },
        { HybridPolicy.PostQuantum, true, true, true },
        { HybridPolicy.PostQuantum, true, false, false },
        { HybridPolicy.PostQuantum, false, true, true },
        { HybridPolicy.PostQuantum, false, false, false },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void PolicyDecidesOverTheHalvesAndBothAreChecked(HybridPolicy policy, bool isEd25519Good, bool isMLDsa65Good, bool expected)
    {
        CountedHalf ed25519 = new(new Ed25519Algorithm());
        CountedHalf mldsa65 = new(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa65));
        Ed25519MLDsa65Algorithm algorithm = new(ed25519, mldsa65);
        (byte[] publicKey, byte[] signature) = Sign(algorithm);
        Spoil(algorithm, signature, isEd25519Good, isMLDsa65Good);

        Assert.Equal(expected, algorithm.Verify(publicKey, s_message, signature, new SignOptions { HybridPolicy = policy }));
        Assert.Equal((1, 1), (ed25519.Verified, mldsa65.Verified));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void CompositeIsGoodWhereBothHalvesAreAndBothAreChecked(bool isEd25519Good, bool isMLDsa65Good)
    {
        CountedHalf ed25519 = new(new Ed25519Algorithm());
        CountedHalf mldsa65 = new(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa65));
        CompositeMLDsa65Ed25519Algorithm algorithm = new(ed25519, mldsa65);
        (byte[] publicKey, byte[] signature) = Sign(algorithm);
        Spoil(algorithm, signature, isEd25519Good, isMLDsa65Good);

        Assert.Equal(isEd25519Good && isMLDsa65Good, algorithm.Verify(publicKey, s_message, signature));
        Assert.Equal((1, 1), (ed25519.Verified, mldsa65.Verified));
    }

    [Fact]
    public void NoPolicyTakesASignatureOfAnotherLength()
    {
        SignatureAlgorithm algorithm = HybridAlgorithms.Find("ed25519+mldsa65");
        (byte[] publicKey, byte[] signature) = Sign(algorithm);
        foreach (HybridPolicy policy in Enum.GetValues<HybridPolicy>())
        {
            SignOptions options = new() { HybridPolicy = policy };
            Assert.True(algorithm.Verify(publicKey, s_message, signature, options));
            foreach (byte[] malformed in new[] { [], signature[..64], signature[64..], signature[..^1], signature[1..], [.. signature, 0] })
            {
                Assert.False(algorithm.Verify(publicKey, s_message, malformed, options));
            }
        }
    }

    [Theory]
    [MemberData(nameof(HybridAlgorithms.Names), MemberType = typeof(HybridAlgorithms))]
    public void FlippedBitsSpoilTheHalfTheyAreIn(string name)
    {
        SignatureAlgorithm algorithm = HybridAlgorithms.Find(name);
        (byte[] publicKey, byte[] signature) = Sign(algorithm);
        int ed25519At = HybridAlgorithms.IsEd25519First(algorithm.Id) ? 0 : HybridAlgorithms.MLDsa65Size;
        for (int i = 0; i < signature.Length; i += 61)
        {
            signature[i] ^= 0x10;
            bool isInEd25519 = i >= ed25519At && i < ed25519At + HybridAlgorithms.Ed25519Size;
            Assert.False(algorithm.Verify(publicKey, s_message, signature));
            if (algorithm.HasHybridPolicy)
            {
                Assert.True(algorithm.Verify(publicKey, s_message, signature, new SignOptions { HybridPolicy = HybridPolicy.Either }));
                Assert.Equal(
                    isInEd25519, algorithm.Verify(publicKey, s_message, signature, new SignOptions { HybridPolicy = HybridPolicy.PostQuantum }));
            }

            signature[i] ^= 0x10;
        }

        Assert.True(algorithm.Verify(publicKey, s_message, signature));
    }

    [Fact]
    public void OnlyTheSeparableHybridsEd25519HalfIsASignatureByItself()
    {
        Ed25519Algorithm ed25519 = new();
        ManagedMLDsaAlgorithm mldsa65 = new(KeyAlgorithm.MLDsa65);
        foreach (SignatureAlgorithm algorithm in new[] { HybridAlgorithms.Find("ed25519+mldsa65"), HybridAlgorithms.Find("composite-mldsa65-ed25519") })
        {
            (byte[] publicKey, byte[] signature) = Sign(algorithm);
            var keys = HybridAlgorithms.Split(algorithm.Id, publicKey, 32);
            var halves = HybridAlgorithms.Split(algorithm.Id, signature, 64);
            Assert.Equal(algorithm.HasHybridPolicy, ed25519.Verify(keys.Ed25519, s_message, halves.Ed25519));
            Assert.False(mldsa65.Verify(keys.MLDsa65, s_message, halves.MLDsa65));
        }
    }

    [Fact]
    public void OneHybridsSignatureIsNotTheOthers()
    {
        SignatureAlgorithm separable = HybridAlgorithms.Find("ed25519+mldsa65");
        SignatureAlgorithm composite = HybridAlgorithms.Find("composite-mldsa65-ed25519");
        (byte[] publicKey, byte[] signature) = Sign(separable);
        var keys = HybridAlgorithms.Split(separable.Id, publicKey, 32);
        var halves = HybridAlgorithms.Split(separable.Id, signature, 64);
        byte[] otherKey = HybridAlgorithms.Join(composite.Id, keys.Ed25519, keys.MLDsa65);
        byte[] otherSignature = HybridAlgorithms.Join(composite.Id, halves.Ed25519, halves.MLDsa65);
        Assert.False(composite.Verify(otherKey, s_message, otherSignature));
    }

    [Theory]
    [MemberData(nameof(HybridAlgorithms.Names), MemberType = typeof(HybridAlgorithms))]
    public void FailureOfOneHalfLeavesNothingOfTheOthersSignature(string name)
    {
        CountedHalf failing = new(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa65)) { Fails = true };
        SignatureAlgorithm algorithm = name == "ed25519+mldsa65"
            ? new Ed25519MLDsa65Algorithm(new Ed25519Algorithm(), failing)
            : new CompositeMLDsa65Ed25519Algorithm(new Ed25519Algorithm(), failing);
        byte[] publicKey = new byte[1984];
        Assert.True(algorithm.TryGetPublicKey(s_secret, publicKey));
        using SigningKey key = algorithm.Open(s_secret, publicKey);
        byte[] signature = [.. Enumerable.Repeat((byte)0xA5, algorithm.MaxSignatureSize)];
        Assert.Equal(KmsError.Entropy, Assert.Throws<KmsException>(() => key.Sign(s_message, signature)).Error);
        Assert.Equal(-1, signature.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void HalfThatCannotBeOpenedLeavesTheOtherWiped()
    {
        CountedHalf ed25519 = new(new Ed25519Algorithm()) { Fails = true };
        CountedHalf mldsa65 = new(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa65)) { CannotOpen = true };
        Ed25519MLDsa65Algorithm algorithm = new(ed25519, mldsa65);
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(s_secret, publicKey));

        Assert.Throws<InsufficientMemoryException>(() => algorithm.Open(s_secret, publicKey));
        Assert.Equal(1, ed25519.Wiped);
    }

    [Fact]
    public void HalvesOfOtherAlgorithmsAreArgumentErrors()
    {
        Ed25519Algorithm ed25519 = new();
        ManagedMLDsaAlgorithm mldsa65 = new(KeyAlgorithm.MLDsa65);
        Assert.Throws<ArgumentException>(() => new Ed25519MLDsa65Algorithm(mldsa65, ed25519));
        Assert.Throws<ArgumentException>(() => new CompositeMLDsa65Ed25519Algorithm(ed25519, new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa87)));
        Assert.Throws<ArgumentNullException>(() => new Ed25519MLDsa65Algorithm(ed25519, null!));
    }

    [Fact]
    public void PublicKeyIsValidWhereBothHalvesAre()
    {
        foreach (SignatureAlgorithm algorithm in new[] { HybridAlgorithms.Find("ed25519+mldsa65"), HybridAlgorithms.Find("composite-mldsa65-ed25519") })
        {
            byte[] publicKey = Sign(algorithm).PublicKey;
            Assert.True(algorithm.IsValidPublicKey(publicKey));

            // The Ed25519 half as the point (0, 1), which has order one.
            byte[] neutral = [1, .. new byte[31]];
            Assert.False(algorithm.IsValidPublicKey(HybridAlgorithms.Join(
                algorithm.Id, neutral, HybridAlgorithms.Split(algorithm.Id, publicKey, 32).MLDsa65)));
        }
    }

    private static (byte[] PublicKey, byte[] Signature) Sign(SignatureAlgorithm algorithm)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(s_secret, publicKey));
        using SigningKey key = algorithm.Open(s_secret, publicKey);
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        Assert.Equal(signature.Length, key.Sign(s_message, signature));
        return (publicKey, signature);
    }

    private static void Spoil(SignatureAlgorithm algorithm, byte[] signature, bool isEd25519Good, bool isMLDsa65Good)
    {
        bool isEd25519First = HybridAlgorithms.IsEd25519First(algorithm.Id);
        signature[isEd25519First ? 5 : HybridAlgorithms.MLDsa65Size + 5] ^= isEd25519Good ? (byte)0 : (byte)1;
        signature[isEd25519First ? 200 : 100] ^= isMLDsa65Good ? (byte)0 : (byte)1;
    }
}
