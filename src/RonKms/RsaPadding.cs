namespace RonKms;

/// <summary>How an RSA signature is padded. The hash is SHA-256 in both.</summary>
public enum RsaPadding
{
    /// <summary>RSASSA-PSS with MGF1-SHA-256 and a salt of 32 bytes (RFC 8017, section 8.1).</summary>
    Pss,

    /// <summary>RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2), for peers that have nothing better.</summary>
    Pkcs1,
}
