namespace RonKms;

/// <summary>How an ECDSA signature is encoded.</summary>
public enum EcdsaEncoding
{
    /// <summary>r ‖ s, each 32 bytes (IEEE P1363).</summary>
    Fixed,

    /// <summary>The ASN.1 sequence of r and s (RFC 3279), at most 72 bytes.</summary>
    Der,
}
