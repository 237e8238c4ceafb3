using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The public-key encryption scheme K-PKE, a part of ML-KEM and not to be used alone: FIPS 203, section 5.</summary>
/// <remarks>
/// Read beside algorithms 13 to 15; keys are taken and given ready for use rather than encoded. Constant time: the steps and their
/// order follow from the parameter set alone, and so do those of everything called with a secret. What is left of secrets is wiped.
/// </remarks>
internal static class KPke
{
    /// <summary>K-PKE.KeyGen: algorithm 13.</summary>
    /// <param name="d">The seed, 32 bytes.</param>
    /// <param name="publicKey">Receives Â and t̂.</param>
    /// <param name="encoded">Receives the encoded encryption key.</param>
    /// <param name="s">Receives ŝ, k polynomials: representatives nearest to zero. The caller wipes it.</param>
    internal static void KeyGen(ReadOnlySpan<byte> d, EncapsulationKey publicKey, Span<byte> encoded, Span<short> s)
    {
        MLKemParameters parameters = publicKey.Parameters;
        int k = parameters.K;
        Span<byte> seeds = stackalloc byte[2 * MLKemParameters.SymbolSize];
        Span<short> e = (stackalloc short[MLKemParameters.MostK * Polynomial.Size])[..(k * Polynomial.Size)];

        // 1: (ρ, σ) ← G(d ‖ k)
        Span<byte> seed = stackalloc byte[MLKemParameters.SymbolSize + 1];
        d.CopyTo(seed);
        seed[^1] = (byte)k;
        Sha3.Hash512(seed, seeds);
        ReadOnlySpan<byte> rho = seeds[..MLKemParameters.SymbolSize];
        ReadOnlySpan<byte> sigma = seeds[MLKemParameters.SymbolSize..];

        // 3 to 7: Â
        MatrixSampler.Sample(k, rho, publicKey.Matrix);

        // 8 to 15: s and e, with N from 0 to 2k - 1
        NoiseSampler.Sample(sigma, nonce: 0, parameters.Eta1, s);
        NoiseSampler.Sample(sigma, nonce: k, parameters.Eta1, e);

        // 16 and 17: ŝ ← NTT(s), ê ← NTT(e)
        Ntt.Transform(s);
        Ntt.Transform(e);

        // 18: t̂ ← Â ∘ ŝ + ê
        NttProduct.OfMatrix(publicKey.Matrix, s, publicKey.T);
        NttProduct.ToStandard(publicKey.T);
        Polynomial.Add(e, publicKey.T);
        Reduction.BarrettAll(publicKey.T);

        // 19: ek ← ByteEncode12(t̂) ‖ ρ
        Packing.Encode(publicKey.T, encoded[..parameters.EncodedVectorSize]);
        rho.CopyTo(encoded[parameters.EncodedVectorSize..]);

        CryptographicOperations.ZeroMemory(seed);
        CryptographicOperations.ZeroMemory(seeds);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(e));
    }

    /// <summary>K-PKE.Encrypt: algorithm 14.</summary>
    /// <param name="publicKey">Â and t̂: steps 2 to 8 are done.</param>
    /// <param name="m">The message, 32 bytes.</param>
    /// <param name="r">The randomness, 32 bytes.</param>
    /// <param name="c">Receives the ciphertext.</param>
    internal static void Encrypt(EncapsulationKey publicKey, ReadOnlySpan<byte> m, ReadOnlySpan<byte> r, Span<byte> c)
    {
        MLKemParameters parameters = publicKey.Parameters;
        int k = parameters.K;
        int vector = k * Polynomial.Size;
        Span<short> room = (stackalloc short[((3 * MLKemParameters.MostK) + 3) * Polynomial.Size])[..((3 * vector) + (3 * Polynomial.Size))];
        Span<short> y = room[..vector];
        Span<short> u = room.Slice(vector, vector);

        // e1 and e2 come with one call, for their N follow each other.
        Span<short> noise = room.Slice(2 * vector, vector + Polynomial.Size);
        ReadOnlySpan<short> e1 = noise[..vector];
        ReadOnlySpan<short> e2 = noise[vector..];
        Span<short> v = room[^(2 * Polynomial.Size)..^Polynomial.Size];
        Span<short> mu = room[^Polynomial.Size..];

        // 9 to 17: y with N from 0 to k - 1; e1 and e2 with N from k to 2k
        NoiseSampler.Sample(r, nonce: 0, parameters.Eta1, y);
        NoiseSampler.Sample(r, nonce: k, MLKemParameters.Eta2, noise);

        // 18: ŷ ← NTT(y)
        Ntt.Transform(y);

        // 19: u ← NTT⁻¹(Âᵀ ∘ ŷ) + e1
        for (int i = 0; i < k; i++)
        {
            NttProduct.Inner(publicKey.Matrix[(i * Polynomial.Size)..], k, y, Polynomial.At(u, i));
        }

        Ntt.InverseTransform(u);
        Polynomial.Add(e1, u);

        // 20: μ ← Decompress1(ByteDecode1(m))
        Packing.DecodeCompressed(m, d: 1, mu);

        // 21: v ← NTT⁻¹(t̂ᵀ ∘ ŷ) + e2 + μ
        NttProduct.Inner(publicKey.T, 1, y, v);
        Ntt.InverseTransform(v);
        Polynomial.Add(e2, v);
        Polynomial.Add(mu, v);

        // 22 and 23: c ← ByteEncode(Compress(u)) ‖ ByteEncode(Compress(v))
        Packing.EncodeCompressed(u, parameters.Du, c[..parameters.CiphertextVectorSize]);
        Packing.EncodeCompressed(v, parameters.Dv, c[parameters.CiphertextVectorSize..]);

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(room));
    }

    /// <summary>K-PKE.Decrypt: algorithm 15.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="s">ŝ: step 5 is done.</param>
    /// <param name="c">The ciphertext.</param>
    /// <param name="m">Receives the message, 32 bytes; the caller wipes it.</param>
    internal static void Decrypt(MLKemParameters parameters, ReadOnlySpan<short> s, ReadOnlySpan<byte> c, Span<byte> m)
    {
        int vector = parameters.K * Polynomial.Size;
        Span<short> room = (stackalloc short[(MLKemParameters.MostK + 2) * Polynomial.Size])[..(vector + (2 * Polynomial.Size))];
        Span<short> u = room[..vector];
        Span<short> v = room.Slice(vector, Polynomial.Size);
        Span<short> w = room[^Polynomial.Size..];

        // 1 to 4: u' and v'
        Packing.DecodeCompressed(c[..parameters.CiphertextVectorSize], parameters.Du, u);
        Packing.DecodeCompressed(c[parameters.CiphertextVectorSize..], parameters.Dv, v);

        // 6: w ← v' - NTT⁻¹(ŝᵀ ∘ NTT(u'))
        Ntt.Transform(u);
        NttProduct.Inner(s, 1, u, w);
        Ntt.InverseTransform(w);
        Polynomial.SubtractFrom(v, w);

        // 7: m ← ByteEncode1(Compress1(w))
        Packing.EncodeCompressed(w, d: 1, m);

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(room));
    }
}
