using RonKms.Interop;

namespace RonKms.PostQuantum.XWing;

/// <summary>The function X25519 as X-Wing uses it, by libsodium: RFC 7748, section 5, without the check of its section 6.1.</summary>
/// <remarks>Constant time over scalars: libsodium's ladder. Whether a point has small order is public, as the point is.</remarks>
internal static class X25519
{
    /// <summary>The size of a scalar, a point and a product in bytes.</summary>
    internal const int Size = Libsodium.crypto_scalarmult_curve25519_BYTES;

    /// <summary>Multiplies the base point.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="product">Receives the product.</param>
    internal static void MultiplyBase(ReadOnlySpan<byte> scalar, Span<byte> product) => Libsodium.Check(
        Libsodium.crypto_scalarmult_curve25519_base(product, scalar), nameof(Libsodium.crypto_scalarmult_curve25519_base));

    /// <summary>Multiplies a point; the product of one of small order is zero, and no error.</summary>
    /// <param name="scalar">The scalar.</param>
    /// <param name="point">The point.</param>
    /// <param name="product">Receives the product; the caller wipes it.</param>
    internal static void Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> product)
    {
        // libsodium reports a zero product, and does not write it in every version.
        if (Libsodium.crypto_scalarmult_curve25519(product, scalar, point) != 0)
        {
            product.Clear();
        }
    }
}
