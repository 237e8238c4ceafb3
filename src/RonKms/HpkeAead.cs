namespace RonKms;

/// <summary>The cipher of an HPKE ciphertext, by its identifier in RFC 9180, section 7.3. Sealer and opener must use the same.</summary>
public enum HpkeAead
{
    /// <summary>The default of the key's algorithm: AES-256-GCM for X25519, ChaCha20-Poly1305 for X-Wing.</summary>
    Default = 0,

    /// <summary>AES-256-GCM.</summary>
    Aes256Gcm = 0x0002,

    /// <summary>ChaCha20-Poly1305.</summary>
    ChaCha20Poly1305 = 0x0003,
}
