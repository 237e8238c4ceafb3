using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>HMAC-SHA-256 by the platform. Key and code 32 bytes.</summary>
/// <remarks>Constant-time: SHA-256 has no secret-dependent branch or look-up. Source: RFC 2104, FIPS 198-1.</remarks>
public sealed class HmacSha256Algorithm : MacAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    public HmacSha256Algorithm()
        : base(KeyAlgorithm.HmacSha256)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    public override int MacSize => HMACSHA256.HashSizeInBytes;

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override MacKey OpenCore(ReadOnlySpan<byte> secret) => new HmacSha256Key(this, secret);
}
