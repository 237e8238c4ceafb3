using System.Formats.Asn1;

namespace RonKms.PostQuantum.KeyFormats;

/// <summary>SubjectPublicKeyInfo of RFC 5280, section 4.1.2.7, around a raw public key: RFC 9935, RFC 9881, RFC 9909.</summary>
internal static class SubjectPublicKeyInfo
{
    /// <summary>Encodes a public key.</summary>
    /// <param name="algorithmIdentifier">The algorithm, encoded.</param>
    /// <param name="publicKey">The raw public key, the content of the bit string.</param>
    /// <returns>The DER encoding.</returns>
    internal static byte[] Export(ReadOnlySpan<byte> algorithmIdentifier, ReadOnlySpan<byte> publicKey)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(algorithmIdentifier);
            writer.WriteBitString(publicKey);
        }

        return writer.Encode();
    }
}
