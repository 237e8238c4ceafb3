namespace RonKms.Algorithms;

/// <summary>XAES-256-GCM over the platform's AES. Key 32 bytes, nonce 24, tag 16.</summary>
/// <remarks>
/// Each nonce gives a key of its own for AES-256-GCM, by the KDF of NIST SP 800-108r1 in counter mode over CMAC, so that random nonces
/// need no counting. Constant-time where the platform's AES is (AES-NI, ARMv8 or bitsliced in OpenSSL); the doubling here is
/// masked. While a call runs, the derived key is also in the platform's heap. Does not commit to its key.
/// Source: https://c2sp.org/XAES-256-GCM.
/// </remarks>
public sealed class XAes256GcmAlgorithm : AeadAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    public XAes256GcmAlgorithm()
        : base(KeyAlgorithm.Aes256Gcm)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override AeadKey OpenCore(ReadOnlySpan<byte> secret) => new XAes256GcmKey(this, secret);
}
