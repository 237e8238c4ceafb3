using System.Text;
using RonKms.Capabilities.Chain;

namespace RonKms.Capabilities.Serialization;

/// <summary>The binary form: a version byte, then fields of type, length and content; a zero byte ends a section. Strict: one encoding a macaroon.</summary>
/// <remarks>Source: libmacaroons, doc/format.txt.</remarks>
internal static class BinaryV2
{
    internal const byte Version = 2;

    internal const int EndOfSection = 0;
    internal const int Location = 1;
    internal const int Identifier = 2;
    internal const int VerificationId = 4;
    internal const int Signature = 6;

    /// <summary>Takes one field off the front. <see cref="EndOfSection"/> has no content.</summary>
    internal static bool TryReadField(scoped ref ReadOnlySpan<byte> data, out int type, out ReadOnlySpan<byte> content)
    {
        content = default;
        ReadOnlySpan<byte> rest = data;
        if (!TryReadNumber(ref rest, out type))
        {
            return false;
        }

        if (type != EndOfSection)
        {
            if (!TryReadNumber(ref rest, out int length) || length > rest.Length)
            {
                return false;
            }

            content = rest[..length];
            rest = rest[length..];
        }

        data = rest;
        return true;
    }

    /// <summary>Takes one section off the front: its fields, of which no type comes twice or before a lower one.</summary>
    internal static bool TryReadSection(scoped ref ReadOnlySpan<byte> data, out SortedList<int, byte[]> fields)
    {
        fields = [];
        int last = EndOfSection;
        while (TryReadField(ref data, out int type, out ReadOnlySpan<byte> content))
        {
            if (type == EndOfSection)
            {
                return true;
            }

            if (type <= last)
            {
                return false;
            }

            fields.Add(type, content.ToArray());
            last = type;
        }

        return false;
    }

    internal static Macaroon? Read(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] != Version)
        {
            return null;
        }

        data = data[1..];
        if (!TryReadSection(ref data, out SortedList<int, byte[]> header)
            || !header.TryGetValue(Identifier, out byte[]? identifier)
            || !TryReadLocation(header, out string? location)
            || header.Keys.Any(type => type is not (Location or Identifier)))
        {
            return null;
        }

        List<MacaroonCaveat> caveats = [];
        while (true)
        {
            if (!TryReadSection(ref data, out SortedList<int, byte[]> fields))
            {
                return null;
            }

            if (fields.Count == 0)
            {
                break;
            }

            if (caveats.Count == Macaroon.MaxCaveats || ReadCaveat(fields) is not { } caveat)
            {
                return null;
            }

            caveats.Add(caveat);
        }

        return TryReadField(ref data, out int last, out ReadOnlySpan<byte> signature)
            && last == Signature
            && signature.Length == MacaroonHash.Size
            && data.IsEmpty
                ? new Macaroon(location, identifier, [.. caveats], signature.ToArray())
                : null;
    }

    internal static int SizeOf(Macaroon macaroon)
    {
        int size = 1 + SizeOfLocation(macaroon.Location) + SizeOf(macaroon.Identifier) + 2 + 2 + MacaroonHash.Size;
        foreach (MacaroonCaveat caveat in macaroon.Caveats)
        {
            size += SizeOfLocation(caveat.Location) + SizeOf(caveat.Identifier) + (caveat.IsThirdParty ? SizeOf(caveat.VerificationId) : 0) + 1;
        }

        return size;
    }

    internal static byte[] Write(Macaroon macaroon)
    {
        byte[] written = new byte[SizeOf(macaroon)];
        Span<byte> at = written;
        at[0] = Version;
        at = at[1..];
        WriteLocation(ref at, macaroon.Location);
        WriteField(ref at, Identifier, macaroon.Identifier.Span);
        EndSection(ref at);
        foreach (MacaroonCaveat caveat in macaroon.Caveats)
        {
            WriteLocation(ref at, caveat.Location);
            WriteField(ref at, Identifier, caveat.Identifier.Span);
            if (caveat.IsThirdParty)
            {
                WriteField(ref at, VerificationId, caveat.VerificationId.Span);
            }

            EndSection(ref at);
        }

        EndSection(ref at);
        WriteField(ref at, Signature, macaroon.Signature);
        return written;
    }

    private static MacaroonCaveat? ReadCaveat(SortedList<int, byte[]> fields)
    {
        _ = fields.TryGetValue(VerificationId, out byte[]? verificationId);

        // A location says where a third party is, and an empty verification id would pass for none.
        return fields.TryGetValue(Identifier, out byte[]? identifier)
            && TryReadLocation(fields, out string? location)
            && (location is null || verificationId is not null)
            && verificationId is null or { Length: > 0 }
            && fields.Keys.All(type => type is Location or Identifier or VerificationId)
                ? new MacaroonCaveat(identifier, verificationId, location)
                : null;
    }

    // An empty location would be written as none.
    private static bool TryReadLocation(SortedList<int, byte[]> fields, out string? location)
    {
        location = null;
        return !fields.TryGetValue(Location, out byte[]? bytes) || (bytes.Length > 0 && LocationText.TryRead(bytes, out location));
    }

    /// <summary>Takes a number off the front: seven bits a byte, the lowest first. Its shortest form alone is taken.</summary>
    private static bool TryReadNumber(scoped ref ReadOnlySpan<byte> data, out int number)
    {
        number = 0;
        for (int i = 0; i < 4 && i < data.Length; i++)
        {
            number |= (data[i] & 0x7F) << (7 * i);
            if (data[i] < 0x80)
            {
                bool isShortest = i == 0 || data[i] != 0;
                data = data[(i + 1)..];
                return isShortest;
            }
        }

        return false;
    }

    private static int SizeOf(ReadOnlyMemory<byte> content) => 1 + SizeOfNumber(content.Length) + content.Length;

    private static int SizeOfLocation(string? location)
    {
        int length = location is null ? 0 : Encoding.UTF8.GetByteCount(location);
        return length == 0 ? 0 : 1 + SizeOfNumber(length) + length;
    }

    private static int SizeOfNumber(int number) => number < 1 << 7 ? 1 : number < 1 << 14 ? 2 : number < 1 << 21 ? 3 : 4;

    private static void WriteLocation(ref Span<byte> at, string? location)
    {
        if (location is not null)
        {
            WriteField(ref at, Location, Encoding.UTF8.GetBytes(location));
        }
    }

    private static void WriteField(ref Span<byte> at, int type, ReadOnlySpan<byte> content)
    {
        at[0] = (byte)type;
        at = at[1..];
        int number = content.Length;
        for (int left = SizeOfNumber(number); left > 0; left--)
        {
            at[0] = (byte)((number & 0x7F) | (left > 1 ? 0x80 : 0));
            at = at[1..];
            number >>= 7;
        }

        content.CopyTo(at);
        at = at[content.Length..];
    }

    private static void EndSection(ref Span<byte> at)
    {
        at[0] = EndOfSection;
        at = at[1..];
    }
}
