using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The input checks of FIPS 203, sections 7.2 and 7.3.</summary>
/// <remarks>Constant time: the hash in a decapsulation key is compared in fixed time; the rest of what is checked is public.</remarks>
internal static class MLKemKeyCheck
{
    /// <summary>Section 7.2: the type check and the modulus check of an encapsulation key.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="encapsulationKey">The key.</param>
    /// <returns>Whether the key is of the right length and every coefficient of t̂ is below q.</returns>
    internal static bool IsValidEncapsulationKey(MLKemParameters parameters, ReadOnlySpan<byte> encapsulationKey)
    {
        Span<short> t = (stackalloc short[MLKemParameters.MostK * Polynomial.Size])[..(parameters.K * Polynomial.Size)];
        return encapsulationKey.Length == parameters.EncapsulationKeySize
            && Packing.TryDecode(encapsulationKey[..parameters.EncodedVectorSize], t);
    }

    /// <summary>Section 7.3: the type check and the hash check of an expanded decapsulation key.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="decapsulationKey">dk_PKE ‖ ek ‖ H(ek) ‖ z.</param>
    /// <returns>Whether the key is of the right length and the hash is that of the encapsulation key in it.</returns>
    internal static bool IsValidDecapsulationKey(MLKemParameters parameters, ReadOnlySpan<byte> decapsulationKey)
    {
        if (decapsulationKey.Length != parameters.DecapsulationKeySize)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[MLKemParameters.SymbolSize];
        Sha3.Hash256(decapsulationKey.Slice(parameters.EncodedVectorSize, parameters.EncapsulationKeySize), hash);
        return CryptographicOperations.FixedTimeEquals(
            hash, decapsulationKey.Slice(parameters.EncodedVectorSize + parameters.EncapsulationKeySize, MLKemParameters.SymbolSize));
    }
}
