using System.Formats.Asn1;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.KeyFormats;

/// <summary>The private keys of ML-KEM and ML-DSA inside PKCS#8: RFC 9935, section 6; RFC 9881, section 6.</summary>
/// <remarks>
/// <code>
/// CHOICE { seed [0] OCTET STRING, expandedKey OCTET STRING, both SEQUENCE { seed OCTET STRING, expandedKey OCTET STRING } }
/// </code>
/// Reads spans in place: no copy of the secret is made. Control flow depends on lengths and tags only.
/// </remarks>
internal static class SeedPrivateKey
{
    private static readonly Asn1Tag s_seed = new(TagClass.ContextSpecific, 0);

    /// <summary>Takes a private key apart.</summary>
    /// <param name="der">The content of PKCS#8's privateKey octet string.</param>
    /// <param name="seed">Receives the seed, a part of <paramref name="der"/>; empty where there is none.</param>
    /// <param name="expandedKey">Receives the expanded key, a part of <paramref name="der"/>; empty where there is none.</param>
    /// <returns>Whether the encoding is well-formed: then at least one of the two is there.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> der, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> expandedKey)
    {
        seed = default;
        expandedKey = default;
        try
        {
            DerReader reader = new(der);
            if (reader.StartsWith(s_seed))
            {
                seed = reader.ReadOctetString(s_seed);
            }
            else if (reader.StartsWith(Asn1Tag.PrimitiveOctetString))
            {
                expandedKey = reader.ReadOctetString();
            }
            else
            {
                DerReader both = reader.ReadSequence();
                seed = both.ReadOctetString();
                expandedKey = both.ReadOctetString();
                if (!both.IsAtEnd || seed.IsEmpty || expandedKey.IsEmpty)
                {
                    return false;
                }
            }

            return reader.IsAtEnd && !(seed.IsEmpty && expandedKey.IsEmpty);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
