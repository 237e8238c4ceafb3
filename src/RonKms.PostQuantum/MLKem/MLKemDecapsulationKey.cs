using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>An opened ML-KEM key: ŝ and z in guarded memory; Â, t̂ and H(ek), which are public, ready beside them.</summary>
/// <remarks>ŝ and z apart, because guarded memory comes in powers of two. Constant time: see <see cref="MLKemInternal"/>.</remarks>
internal sealed class MLKemDecapsulationKey : DecapsulationKey
{
    private readonly MLKemParameters _parameters;
    private readonly SecretBytes _s;
    private readonly SecretBytes _z;
    private readonly short[] _publicKey;
    private readonly byte[] _hash = new byte[MLKemParameters.SymbolSize];

    private MLKemDecapsulationKey(ManagedMLKemAlgorithm algorithm, ReadOnlySpan<byte> z)
        : base(algorithm)
    {
        _parameters = algorithm.Parameters;
        _publicKey = new short[EncapsulationKey.RoomOf(_parameters)];
        _z = SecretBytes.CopyOf(z);
        try
        {
            _s = SecretBytes.Allocate(_parameters.K * Polynomial.Size * sizeof(short));
        }
        catch
        {
            _z.Dispose();
            throw;
        }
    }

    private EncapsulationKey PublicKey => new(_parameters, _publicKey);

    private Span<short> S => MemoryMarshal.Cast<byte, short>(_s.Reveal());

    /// <summary>Opens a key from its seed.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="seed">d ‖ z.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    internal static MLKemDecapsulationKey FromSeed(ManagedMLKemAlgorithm algorithm, ReadOnlySpan<byte> seed)
    {
        MLKemDecapsulationKey key = new(algorithm, seed[MLKemParameters.SymbolSize..]);
        try
        {
            Span<byte> encoded = stackalloc byte[key._parameters.EncapsulationKeySize];
            MLKemInternal.KeyGen(seed[..MLKemParameters.SymbolSize], key.PublicKey, encoded, key.S);
            Sha3.Hash256(encoded, key._hash);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Opens an expanded key, dk_PKE ‖ ek ‖ H(ek) ‖ z: steps 1 to 4 of algorithm 18.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="expanded">A key that passed <see cref="MLKemKeyCheck.IsValidDecapsulationKey"/>.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    internal static MLKemDecapsulationKey FromExpanded(ManagedMLKemAlgorithm algorithm, ReadOnlySpan<byte> expanded)
    {
        MLKemDecapsulationKey key = new(algorithm, expanded[^MLKemParameters.SymbolSize..]);
        try
        {
            ReadOnlySpan<byte> rest = expanded[key._parameters.EncodedVectorSize..];
            Packing.TryDecode(expanded[..key._parameters.EncodedVectorSize], key.S);
            key.PublicKey.TryDecode(rest[..key._parameters.EncapsulationKeySize]);
            rest.Slice(key._parameters.EncapsulationKeySize, MLKemParameters.SymbolSize).CopyTo(key._hash);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        MLKemInternal.Decaps(PublicKey, _hash, S, _z.Reveal(), ciphertext, sharedSecret);
        return true;
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _s.Dispose();
        _z.Dispose();
    }
}
