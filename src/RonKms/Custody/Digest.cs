using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace RonKms.Custody;

/// <summary>A SHA-256 digest, held by value. Public knowledge: compared as any value is.</summary>
internal readonly record struct Digest
{
    internal const int Size = 32;

    private readonly Bytes _bytes;

    private Digest(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
    }

    /// <summary>The digest's bytes; they live as long as the variable they are taken from.</summary>
    [UnscopedRef]
    internal ReadOnlySpan<byte> Span => _bytes;

    public bool Equals(Digest other) => Span.SequenceEqual(other.Span);

    public override int GetHashCode() => System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(Span);

    public override string ToString() => Convert.ToHexStringLower(Span);

    internal static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(data, digest);
        return new Digest(digest);
    }

    /// <param name="data">What is digested.</param>
    /// <param name="sha256">A SHA-256 that is used again, which takes less time than a new one.</param>
    internal static Digest Of(ReadOnlySpan<byte> data, IncrementalHash sha256)
    {
        Span<byte> digest = stackalloc byte[Size];
        sha256.AppendData(data);
        sha256.GetHashAndReset(digest);
        return new Digest(digest);
    }

    /// <summary>Reads 64 lower-case hex digits.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> hex, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool parsed = hex.Length == 2 * Size
            && !hex.ContainsAnyInRange((byte)'A', (byte)'F')
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        digest = parsed ? new Digest(bytes) : default;
        return parsed;
    }

    [InlineArray(Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
