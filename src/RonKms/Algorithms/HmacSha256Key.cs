using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>An opened HMAC-SHA-256 key: the key in guarded memory, hashed in one shot.</summary>
internal sealed class HmacSha256Key : MacKey
{
    private readonly SecretBytes _key;

    internal HmacSha256Key(HmacSha256Algorithm algorithm, ReadOnlySpan<byte> key)
        : base(algorithm)
    {
        _key = SecretBytes.CopyOf(key);
    }

    /// <inheritdoc/>
    protected override void ComputeCore(ReadOnlySpan<byte> data, Span<byte> destination) =>
        HMACSHA256.HashData(_key.Reveal(), data, destination);

    /// <inheritdoc/>
    protected override void Wipe() => _key.Dispose();
}
