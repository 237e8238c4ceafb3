using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>A parameter set of ML-DSA: FIPS 204, section 4, tables 1 and 2. The names are the standard's.</summary>
/// <remarks>A closed set, compared by reference. Sizes are in bytes.</remarks>
internal sealed class MLDsaParameters
{
    /// <summary>q, the modulus: 2^23 − 2^13 + 1.</summary>
    internal const int Q = 8380417;

    /// <summary>The coefficients of a polynomial.</summary>
    internal const int N = 256;

    /// <summary>d, the bits dropped from t.</summary>
    internal const int D = 13;

    /// <summary>2^(d − 1), the upper end of t0's range.</summary>
    internal const int T0Bound = 1 << (D - 1);

    /// <summary>The size of ξ, ρ, K and rnd.</summary>
    internal const int SeedSize = 32;

    /// <summary>The size of tr, μ, ρ′ and ρ″.</summary>
    internal const int HashSize = 64;

    /// <summary>The most bytes of a commitment hash, of all sets.</summary>
    internal const int MaxCommitmentHashSize = 64;

    /// <summary>k of the largest set.</summary>
    internal const int MaxK = 8;

    /// <summary>ℓ of the largest set.</summary>
    internal const int MaxL = 7;

    // ρ, K and tr.
    private const int ExpandedHeadSize = SeedSize + SeedSize + HashSize;

    /// <summary>ML-DSA-44, security category 2.</summary>
    internal static readonly MLDsaParameters MLDsa44 = new(
        KeyAlgorithm.MLDsa44, "ML-DSA-44", oid: 17, tau: 39, lambda: 128, gamma1Bits: 17, gamma2: (Q - 1) / 88, k: 4, l: 4, eta: 2, omega: 80);

    /// <summary>ML-DSA-65, security category 3.</summary>
    internal static readonly MLDsaParameters MLDsa65 = new(
        KeyAlgorithm.MLDsa65, "ML-DSA-65", oid: 18, tau: 49, lambda: 192, gamma1Bits: 19, gamma2: (Q - 1) / 32, k: 6, l: 5, eta: 4, omega: 55);

    /// <summary>ML-DSA-87, security category 5.</summary>
    internal static readonly MLDsaParameters MLDsa87 = new(
        KeyAlgorithm.MLDsa87, "ML-DSA-87", oid: 19, tau: 60, lambda: 256, gamma1Bits: 19, gamma2: (Q - 1) / 32, k: 8, l: 7, eta: 2, omega: 75);

    private readonly byte[] _algorithmIdentifier;

    private MLDsaParameters(
        KeyAlgorithm id, string name, byte oid, int tau, int lambda, int gamma1Bits, int gamma2, int k, int l, int eta, int omega)
    {
        Id = id;
        Name = name;
        _algorithmIdentifier = NistAlgorithmIdentifier.Encode(NistAlgorithmIdentifier.Signatures, oid);
        Tau = tau;
        CommitmentHashSize = lambda / 4;
        Gamma1 = 1 << gamma1Bits;
        ZBits = gamma1Bits + 1;
        Gamma2 = gamma2;
        W1Bits = gamma2 == (Q - 1) / 88 ? 6 : 4;
        K = k;
        L = l;
        Eta = eta;
        EtaBits = eta == 2 ? 3 : 4;
        Beta = tau * eta;
        Omega = omega;
    }

    /// <summary>The sets.</summary>
    internal static IReadOnlyList<MLDsaParameters> All { get; } = [MLDsa44, MLDsa65, MLDsa87];

    /// <summary>The name in the library.</summary>
    internal KeyAlgorithm Id { get; }

    /// <summary>The name in the standard, and in the JSON Web Key's <c>alg</c>.</summary>
    internal string Name { get; }

    /// <summary>The AlgorithmIdentifier of RFC 9881, section 2: the object identifier alone, DER.</summary>
    internal ReadOnlySpan<byte> AlgorithmIdentifier => _algorithmIdentifier;

    /// <summary>τ, the coefficients of c that are not zero.</summary>
    internal int Tau { get; }

    /// <summary>λ / 4, the size of c̃.</summary>
    internal int CommitmentHashSize { get; }

    /// <summary>γ1, the range of y; a power of two.</summary>
    internal int Gamma1 { get; }

    /// <summary>γ2, half of the step of the high bits.</summary>
    internal int Gamma2 { get; }

    /// <summary>The rows of A.</summary>
    internal int K { get; }

    /// <summary>ℓ, the columns of A.</summary>
    internal int L { get; }

    /// <summary>η, the range of the secret's coefficients.</summary>
    internal int Eta { get; }

    /// <summary>β = τ·η.</summary>
    internal int Beta { get; }

    /// <summary>ω, the most ones in a hint.</summary>
    internal int Omega { get; }

    /// <summary>The bits of a packed coefficient of s1 and s2: bitlen 2η.</summary>
    internal int EtaBits { get; }

    /// <summary>The bits of a packed coefficient of z: 1 + bitlen (γ1 − 1).</summary>
    internal int ZBits { get; }

    /// <summary>The bits of a packed coefficient of w1: bitlen ((q − 1)/(2γ2) − 1).</summary>
    internal int W1Bits { get; }

    /// <summary>The size of an encoded public key.</summary>
    internal int PublicKeySize => SeedSize + (K * PolynomialPacking.Size(PolynomialPacking.T1Bits));

    /// <summary>The size of an encoded expanded private key.</summary>
    internal int PrivateKeySize => ExpandedHeadSize + ((L + K) * PolynomialPacking.Size(EtaBits)) + (K * PolynomialPacking.Size(D));

    /// <summary>The size of a signature.</summary>
    internal int SignatureSize => CommitmentHashSize + (L * PolynomialPacking.Size(ZBits)) + Omega + K;

    /// <summary>Where a signature has its hint.</summary>
    internal Range PackedHint => Range.StartAt(SignatureSize - Omega - K);

    /// <summary>Where a public key has a polynomial of t1.</summary>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The bytes.</returns>
    internal static Range PackedT1(int i) => Piece(SeedSize, PolynomialPacking.T1Bits, i);

    /// <summary>Where a signature has a polynomial of z.</summary>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The bytes.</returns>
    internal Range PackedZ(int i) => Piece(CommitmentHashSize, ZBits, i);

    /// <summary>Where an expanded private key has a polynomial of s1.</summary>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The bytes.</returns>
    internal Range PackedS1(int i) => Piece(ExpandedHeadSize, EtaBits, i);

    /// <summary>Where an expanded private key has a polynomial of s2.</summary>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The bytes.</returns>
    internal Range PackedS2(int i) => Piece(ExpandedHeadSize, EtaBits, L + i);

    /// <summary>Where an expanded private key has a polynomial of t0.</summary>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The bytes.</returns>
    internal Range PackedT0(int i) => Piece(ExpandedHeadSize + ((L + K) * PolynomialPacking.Size(EtaBits)), D, i);

    /// <summary>Finds the set of an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentException">The algorithm is not an ML-DSA.</exception>
    internal static MLDsaParameters Of(KeyAlgorithm id)
    {
        ArgumentNullException.ThrowIfNull(id);
        foreach (MLDsaParameters parameters in All)
        {
            if (parameters.Id == id)
            {
                return parameters;
            }
        }

        throw new ArgumentException($"{id} is not ML-DSA.", nameof(id));
    }

    private static Range Piece(int head, int bits, int i)
    {
        int size = PolynomialPacking.Size(bits);
        return new Range(head + (i * size), head + ((i + 1) * size));
    }
}
