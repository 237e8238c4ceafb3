using System.Formats.Asn1;

namespace RonKms.Algorithms;

/// <summary>PKCS#8 private keys, OneAsymmetricKey of RFC 5958, section 2, in strict DER.</summary>
/// <remarks>Reads spans in place: no copy of the secret is made. Control flow depends on lengths and tags only.</remarks>
internal static class Pkcs8
{
    private static readonly Asn1Tag s_attributes = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_publicKey = new(TagClass.ContextSpecific, 1);

    /// <summary>Takes an unencrypted private key apart.</summary>
    /// <param name="der">The encoding, and nothing after it.</param>
    /// <param name="algorithmIdentifier">The only AlgorithmIdentifier taken, encoded.</param>
    /// <param name="privateKey">Receives the content of the privateKey octet string, a part of <paramref name="der"/>.</param>
    /// <param name="publicKey">Receives the attached public key of a version 2 encoding, otherwise nothing.</param>
    /// <returns>Whether the encoding is well-formed and of that algorithm.</returns>
    internal static bool TryRead(
        ReadOnlySpan<byte> der, ReadOnlySpan<byte> algorithmIdentifier, out ReadOnlySpan<byte> privateKey, out ReadOnlySpan<byte> publicKey)
    {
        privateKey = default;
        publicKey = default;
        try
        {
            DerReader outer = new(der);
            DerReader key = outer.ReadSequence();
            if (!outer.IsAtEnd
                || !key.TryReadInt32(out int version)
                || version is not (0 or 1)
                || !key.ReadEncodedValue().SequenceEqual(algorithmIdentifier))
            {
                return false;
            }

            privateKey = key.ReadOctetString();
            if (key.StartsWith(s_attributes))
            {
                key.ReadEncodedValue();
            }

            // RFC 5958: version 2, encoded as 1, exactly where the public key is attached. An empty one is no key, and would be taken
            // for none by whoever compares it.
            bool isAttached = key.StartsWith(s_publicKey);
            if (isAttached)
            {
                publicKey = key.ReadBitString(s_publicKey);
            }

            return key.IsAtEnd && isAttached == (version == 1) && isAttached != publicKey.IsEmpty;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
