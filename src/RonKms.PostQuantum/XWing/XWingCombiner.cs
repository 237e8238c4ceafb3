using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.XWing;

/// <summary>Where X-Wing's two halves become one secret: the combiner of draft-connolly-cfrg-xwing-kem-10, section 5.3.</summary>
/// <remarks>Constant time: fixed lengths, and the X25519 half is always computed.</remarks>
internal static class XWingCombiner
{
    private const int InputSize = XWingSizes.SharedSecret + (3 * XWingSizes.X25519) + LabelSize;
    private const int LabelSize = 6;

    // A picture of the X-wing: \./ above /^\.
    private static ReadOnlySpan<byte> Label => @"\.//^\"u8;

    /// <summary>SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label), ss_X being X25519 of the scalar and the point.</summary>
    /// <param name="mlkemSecret">ss_M; the caller wipes it.</param>
    /// <param name="scalar">The own scalar.</param>
    /// <param name="point">The other side's point.</param>
    /// <param name="ciphertext">ct_X.</param>
    /// <param name="publicKey">pk_X.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    internal static void Combine(
        ReadOnlySpan<byte> mlkemSecret,
        ReadOnlySpan<byte> scalar,
        ReadOnlySpan<byte> point,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> publicKey,
        Span<byte> sharedSecret)
    {
        Span<byte> input = stackalloc byte[InputSize];
        Span<byte> rest = input[XWingSizes.SharedSecret..];
        try
        {
            mlkemSecret.CopyTo(input);
            X25519Algorithm.Multiply(scalar, point, rest[..XWingSizes.X25519]);
            ciphertext.CopyTo(rest[XWingSizes.X25519..]);
            publicKey.CopyTo(rest[(2 * XWingSizes.X25519)..]);
            Label.CopyTo(rest[(3 * XWingSizes.X25519)..]);
            Sha3.Hash256(input, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }
}
