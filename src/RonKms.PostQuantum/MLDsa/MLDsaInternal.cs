using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>ML-DSA, to be read beside FIPS 204, section 6: key generation, signing and verification. The comments are its steps.</summary>
/// <remarks>
/// Constant time. Key generation has no branch on a secret but for rejected half-bytes (<see cref="ExpandS"/>). In signing only
/// whether and where a candidate was rejected shows: each polynomial is tested as a whole, by arithmetic (<see cref="Polynomial"/>,
/// <see cref="Rounding"/>), and how likely a rejection is does not depend on the secret. Candidates live in a
/// <see cref="SigningArena"/> and are wiped there; the destination receives nothing of a candidate until it is accepted.
/// Verification handles nothing secret. H is SHAKE256.
/// </remarks>
internal static class MLDsaInternal
{
    /// <summary>How many candidates are tried: FIPS 204, appendix C. More are needed with a probability below 2^-256.</summary>
    internal const int MaxCandidates = 814;

    /// <summary>Algorithm 6, ML-DSA.KeyGen_internal.</summary>
    /// <param name="xi">ξ, 32 bytes.</param>
    /// <param name="key">Receives the private key, expanded.</param>
    /// <param name="publicKey">Receives the encoded public key.</param>
    internal static void KeyGen(ReadOnlySpan<byte> xi, MLDsaPrivateKey key, Span<byte> publicKey)
    {
        MLDsaParameters p = key.Parameters;
        PolynomialVector s1 = key.S1;
        PolynomialVector s2 = key.S2;
        PolynomialVector t = key.T0;

        // 1: (ρ, ρ′, K) ← H(ξ ‖ k ‖ ℓ, 128)
        Span<byte> rhoPrime = stackalloc byte[HashSize];
        using (Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]))
        {
            h.Absorb(xi);
            h.Absorb([(byte)p.K, (byte)p.L]);
            h.Squeeze(key.Rho);
            h.Squeeze(rhoPrime);
            h.Squeeze(key.K);
        }

        // 3: Â ← ExpandA(ρ)
        ExpandA.Fill(p, key.Rho, key.Matrix);

        // 4: (s1, s2) ← ExpandS(ρ′)
        ExpandS.Fill(p, rhoPrime, s1, s2);
        CryptographicOperations.ZeroMemory(rhoPrime);

        // 5: t ← NTT⁻¹(Â ∘ NTT(s1)) + s2
        Ntt.Forward(s1);
        MultiplyMatrix(p, key.Matrix, s1, t);
        Polynomial.Add(t.Coefficients, s2.Coefficients);

        // 6, 8: (t1, t0) ← Power2Round(t), pk ← pkEncode(ρ, t1); t1 is public
        key.Rho.CopyTo(publicKey);
        Span<int> t1 = stackalloc int[N];
        for (int i = 0; i < p.K; i++)
        {
            Rounding.Power2Round(t[i], t1);
            PolynomialPacking.SimpleBitPack(t1, PolynomialPacking.T1Bits, publicKey[PackedT1(i)]);
        }

        // 9: tr ← H(pk, 64)
        Shake.Hash256(publicKey, key.Tr);

        // 10, and the steps 1 to 5 of signing: instead of encoding the private key it is made ready.
        Ntt.Forward(s2);
        Ntt.Forward(t);
    }

    /// <summary>Algorithm 7, ML-DSA.Sign_internal, from step 7 on; step 6 is <see cref="FormattedMessage.HashTo"/>.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="mu">μ, 64 bytes.</param>
    /// <param name="rnd">rnd, 32 bytes: fresh randomness, or zeros for the deterministic variant.</param>
    /// <param name="signature">Receives the signature, exactly as long as it is.</param>
    /// <exception cref="KmsException"><see cref="KmsError.Internal"/>: no candidate was accepted.</exception>
    internal static void Sign(MLDsaPrivateKey key, ReadOnlySpan<byte> mu, ReadOnlySpan<byte> rnd, Span<byte> signature)
    {
        SigningArena arena = SigningArena.Rent();
        try
        {
            // 7: ρ″ ← H(K ‖ rnd ‖ μ, 64)
            using (Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]))
            {
                h.Absorb(key.K);
                h.Absorb(rnd);
                h.Absorb(mu);
                h.Squeeze(arena.RhoDoublePrime);
            }

            // 8, 10, 31: κ goes up by ℓ with each candidate
            for (int candidate = 0; candidate < MaxCandidates; candidate++)
            {
                if (TryCandidate(key, mu, kappa: candidate * key.Parameters.L, arena, signature))
                {
                    return;
                }
            }
        }
        finally
        {
            SigningArena.Return(arena);
        }

        throw new KmsException(KmsError.Internal, $"{key.Parameters.Name} signing found no signature in {MaxCandidates} candidates. Verify the key.");
    }

    /// <summary>Algorithm 8, ML-DSA.Verify_internal, but for what <see cref="VerificationKey"/> has ready and step 7.</summary>
    /// <param name="key">The public key.</param>
    /// <param name="mu">μ, 64 bytes.</param>
    /// <param name="signature">The signature, of any size.</param>
    /// <returns>Whether it is well-formed and good.</returns>
    [SkipLocalsInit]
    internal static bool Verify(VerificationKey key, ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature)
    {
        // 2, 3: (c̃, z, h) ← sigDecode(σ); a malformed hint is ⊥
        MLDsaParameters p = key.Parameters;
        if (signature.Length != p.SignatureSize || !HintPacking.IsWellFormed(p, signature[p.PackedHint]))
        {
            return false;
        }

        PolynomialVector z = new(stackalloc int[p.L * N]);
        for (int i = 0; i < p.L; i++)
        {
            PolynomialPacking.BitUnpack(signature[p.PackedZ(i)], p.ZBits, p.Gamma1, z[i]);
        }

        // 13, its first half: ‖z‖∞ < γ1 − β
        if (Polynomial.Reaches(z.Coefficients, p.Gamma1 - p.Beta))
        {
            return false;
        }

        // 8: c ← SampleInBall(c̃)
        ReadOnlySpan<byte> commitmentHash = signature[..p.CommitmentHashSize];
        Span<int> c = stackalloc int[N];
        SampleInBall.Fill(p, commitmentHash, c);

        Ntt.Forward(z);
        Ntt.Forward(c);
        Span<int> w = stackalloc int[N];
        Span<int> w1 = stackalloc int[N];
        Span<byte> packed = stackalloc byte[PolynomialPacking.Size(p.W1Bits)];
        Span<byte> recomputed = stackalloc byte[MaxCommitmentHashSize];
        recomputed = recomputed[..p.CommitmentHashSize];
        using Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        h.Absorb(mu);
        for (int i = 0; i < p.K; i++)
        {
            // 9: w′ ← NTT⁻¹(Â ∘ NTT(z) − NTT(c) ∘ NTT(t1 · 2^d))
            Ntt.Multiply(c, key.T1[i], w1);
            Ntt.InnerProduct(Row(p, key.Matrix, i), z.Coefficients, w);
            Polynomial.Subtract(w, w1);
            Ntt.InverseOfProduct(w);
            Polynomial.Reduce(w);

            // 10: w1′ ← UseHint(h, w′)
            Rounding.UseHint(p.Gamma2, HintPacking.Positions(p, signature[p.PackedHint], i), w, w1);

            // 12: c̃′ ← H(μ ‖ w1Encode(w1′), λ/4)
            PolynomialPacking.SimpleBitPack(w1, p.W1Bits, packed);
            h.Absorb(packed);
        }

        h.Squeeze(recomputed);

        // 13, its second half: c̃ = c̃′
        return recomputed.SequenceEqual(commitmentHash);
    }

    /// <summary>Steps 11 to 33 of algorithm 7.</summary>
    /// <param name="key">The private key.</param>
    /// <param name="mu">μ, 64 bytes.</param>
    /// <param name="kappa">κ.</param>
    /// <param name="arena">Working memory, in which ρ″ is.</param>
    /// <param name="signature">Receives the signature, where the candidate is accepted.</param>
    /// <returns>Whether it is.</returns>
    internal static bool TryCandidate(MLDsaPrivateKey key, ReadOnlySpan<byte> mu, int kappa, SigningArena arena, Span<byte> signature)
    {
        MLDsaParameters p = key.Parameters;
        PolynomialVector y = new(arena.Y[..(p.L * N)]);
        PolynomialVector yHat = new(arena.YHat[..(p.L * N)]);
        PolynomialVector w = new(arena.W[..(p.K * N)]);
        Span<int> term = arena.Term;
        Span<int> c = arena.C;

        // 11: y ← ExpandMask(ρ″, κ)
        ExpandMask.Fill(p, arena.RhoDoublePrime, kappa, y, arena.PackedY);

        // 12: w ← NTT⁻¹(Â ∘ NTT(y))
        y.Coefficients.CopyTo(yHat.Coefficients);
        Ntt.Forward(yHat);
        MultiplyMatrix(p, key.Matrix, yHat, w);

        // 13, 15: w1 ← HighBits(w), c̃ ← H(μ ‖ w1Encode(w1), λ/4)
        Span<byte> commitmentHash = arena.CommitmentHash[..p.CommitmentHashSize];
        Span<byte> packed = arena.PackedW1[..PolynomialPacking.Size(p.W1Bits)];
        using (Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]))
        {
            h.Absorb(mu);
            for (int i = 0; i < p.K; i++)
            {
                Rounding.HighBits(p.Gamma2, w[i], term);
                PolynomialPacking.SimpleBitPack(term, p.W1Bits, packed);
                h.Absorb(packed);
            }

            h.Squeeze(commitmentHash);
        }

        // 16, 17: c ← SampleInBall(c̃), ĉ ← NTT(c)
        SampleInBall.Fill(p, commitmentHash, c);
        Ntt.Forward(c);

        // 18, 20, 23: z ← y + cs1, rejected where ‖z‖∞ ≥ γ1 − β
        for (int i = 0; i < p.L; i++)
        {
            Ntt.Multiply(c, key.S1[i], term);
            Ntt.InverseOfProduct(term);
            Polynomial.Add(y[i], term);
            Polynomial.Center(y[i]);
            if (Polynomial.Reaches(y[i], p.Gamma1 - p.Beta))
            {
                return false;
            }
        }

        // 19, 21, 23: w − cs2, rejected where ‖LowBits(w − cs2)‖∞ ≥ γ2 − β
        for (int i = 0; i < p.K; i++)
        {
            Ntt.Multiply(c, key.S2[i], term);
            Ntt.InverseOfProduct(term);
            Polynomial.Subtract(w[i], term);
            if (Rounding.LowBitsReach(p.Gamma2, w[i], p.Gamma2 - p.Beta))
            {
                return false;
            }
        }

        // 25 to 28: h ← MakeHint(−ct0, w − cs2 + ct0), rejected where ‖ct0‖∞ ≥ γ2 or h has more than ω ones
        int ones = 0;
        for (int i = 0; i < p.K; i++)
        {
            Ntt.Multiply(c, key.T0[i], term);
            Ntt.InverseOfProduct(term);
            Polynomial.Reduce(term);
            Polynomial.Center(term);
            if (Polynomial.Reaches(term, p.Gamma2))
            {
                return false;
            }

            Polynomial.Add(term, w[i]);
            ones += Rounding.MakeHint(p.Gamma2, term, w[i]);
        }

        if (ones > p.Omega)
        {
            return false;
        }

        // 33: σ ← sigEncode(c̃, z, h)
        commitmentHash.CopyTo(signature);
        for (int i = 0; i < p.L; i++)
        {
            PolynomialPacking.BitPack(y[i], p.ZBits, p.Gamma1, signature[p.PackedZ(i)]);
        }

        HintPacking.Pack(p, w, signature[p.PackedHint]);
        return true;
    }

    private static void MultiplyMatrix(MLDsaParameters p, Span<int> matrix, PolynomialVector vector, PolynomialVector product)
    {
        for (int i = 0; i < p.K; i++)
        {
            Ntt.InnerProduct(Row(p, matrix, i), vector.Coefficients, product[i]);
            Ntt.InverseOfProduct(product[i]);
        }

        Polynomial.Reduce(product.Coefficients);
    }

    private static Span<int> Row(MLDsaParameters p, Span<int> matrix, int i) => matrix.Slice(i * p.L * N, p.L * N);
}
