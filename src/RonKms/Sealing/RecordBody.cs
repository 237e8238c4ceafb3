using System.Buffers.Binary;
using System.Text;

namespace RonKms.Sealing;

/// <summary>A sealed record's body, opened: what the record is of, and the secret or handle in it.</summary>
/// <remarks>A view into guarded memory, valid as long as that is. Source: docs/formats/ronk-v1.md, section 1.</remarks>
public readonly ref struct RecordBody
{
    private const byte FormatVersion = 1;
    private const int FixedSize = 1 + 4 + 1 + 1 + 1 + 4;

    /// <summary>Describes a body.</summary>
    /// <param name="id">The version it is of.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="secret">The secret or handle.</param>
    public RecordBody(KeyId id, RecordKind kind, ReadOnlySpan<byte> secret)
    {
        Id = id;
        Kind = kind;
        Secret = secret;
    }

    /// <summary>The version it is of.</summary>
    public KeyId Id { get; }

    /// <summary>What it holds.</summary>
    public RecordKind Kind { get; }

    /// <summary>The secret or handle.</summary>
    public ReadOnlySpan<byte> Secret { get; }

    internal int Size => FixedSize + Id.Tenant.Length + Id.Purpose.Length + Secret.Length;

    internal void Encode(Span<byte> destination)
    {
        destination[0] = FormatVersion;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], Id.Version);
        destination[5] = (byte)Kind;
        int at = 6;
        at += WriteText(Id.Tenant, destination[at..]);
        at += WriteText(Id.Purpose, destination[at..]);
        BinaryPrimitives.WriteInt32BigEndian(destination[at..], Secret.Length);
        Secret.CopyTo(destination[(at + 4)..]);
    }

    /// <summary>Reads a body, and compares all that it says with the version that was asked for.</summary>
    /// <param name="bytes">The body, authenticated.</param>
    /// <param name="expected">The version that was asked for.</param>
    /// <param name="body">Receives the body; its secret lies in <paramref name="bytes"/>.</param>
    /// <returns>Whether it is well-formed and of that version.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, KeyId expected, out RecordBody body)
    {
        body = default;
        if (bytes.Length < 6
            || bytes[0] != FormatVersion
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]) != expected.Version
            || bytes[5] > (byte)RecordKind.Handle)
        {
            return false;
        }

        RecordKind kind = (RecordKind)bytes[5];
        ReadOnlySpan<byte> rest = bytes[6..];
        if (!TakesText(ref rest, expected.Tenant)
            || !TakesText(ref rest, expected.Purpose)
            || rest.Length < 4
            || BinaryPrimitives.ReadUInt32BigEndian(rest) != rest.Length - 4)
        {
            return false;
        }

        body = new RecordBody(expected, kind, rest[4..]);
        return true;
    }

    private static int WriteText(string text, Span<byte> destination)
    {
        destination[0] = checked((byte)text.Length);
        return 1 + Encoding.ASCII.GetBytes(text, destination[1..]);
    }

    private static bool TakesText(ref ReadOnlySpan<byte> rest, string expected)
    {
        if (rest.IsEmpty || rest[0] != expected.Length || rest.Length < 1 + expected.Length)
        {
            return false;
        }

        bool same = Ascii.Equals(rest.Slice(1, expected.Length), expected);
        rest = rest[(1 + expected.Length)..];
        return same;
    }
}
