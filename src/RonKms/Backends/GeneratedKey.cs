using RonKms.Sealing;

namespace RonKms.Backends;

/// <summary>What a backend hands over to be sealed: a secret or a handle, and the public key.</summary>
public sealed class GeneratedKey : IDisposable
{
    /// <summary>Describes a new key.</summary>
    /// <param name="kind">What is to be sealed.</param>
    /// <param name="secret">The secret or handle; owned and wiped by this object.</param>
    /// <param name="publicKey">The raw public key; empty for symmetric keys.</param>
    public GeneratedKey(RecordKind kind, SecretBytes secret, ReadOnlyMemory<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(secret);
        Kind = kind;
        Secret = secret;
        PublicKey = publicKey;
    }

    /// <summary>What is to be sealed.</summary>
    public RecordKind Kind { get; }

    /// <summary>The secret or handle.</summary>
    public SecretBytes Secret { get; }

    /// <summary>The raw public key.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();
}
