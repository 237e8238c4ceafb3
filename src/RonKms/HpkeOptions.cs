namespace RonKms;

/// <summary>What an HPKE ciphertext is bound to, and its cipher. Sealer and opener must use the same.</summary>
public sealed class HpkeOptions
{
    /// <summary>What the key is derived for: the application's context, of any length (info of RFC 9180).</summary>
    public ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>What the ciphertext is bound to, of any length (aad of RFC 9180).</summary>
    public ReadOnlyMemory<byte> AssociatedData { get; init; }

    /// <summary>The cipher.</summary>
    public HpkeAead Aead { get; init; }
}
