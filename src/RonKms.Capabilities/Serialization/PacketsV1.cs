using System.Buffers;
using System.Globalization;
using RonKms.Capabilities.Chain;

namespace RonKms.Capabilities.Serialization;

/// <summary>The first form: packets of four hex digits (their size, themselves counted), a name, a space, a value and a line feed. Read only.</summary>
/// <remarks>Source: libmacaroons, packet.c.</remarks>
internal static class PacketsV1
{
    private const int HeaderSize = 4;

    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Takes one packet off the front.</summary>
    internal static bool TryReadPacket(scoped ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (data.Length < HeaderSize
            || data[..HeaderSize].ContainsAnyExcept(s_digits)
            || !ushort.TryParse(data[..HeaderSize], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort size)
            || size <= HeaderSize
            || size > data.Length
            || data[size - 1] != (byte)'\n')
        {
            return false;
        }

        ReadOnlySpan<byte> content = data[HeaderSize..(size - 1)];
        int space = content.IndexOf((byte)' ');
        if (space < 0)
        {
            return false;
        }

        name = content[..space];
        value = content[(space + 1)..];
        data = data[size..];
        return true;
    }

    internal static Macaroon? Read(ReadOnlySpan<byte> data)
    {
        if (!TryReadPacket(ref data, "location"u8, out ReadOnlySpan<byte> location)
            || !TryReadPacket(ref data, "identifier"u8, out ReadOnlySpan<byte> identifier)
            || !LocationText.TryRead(location, out string? hint))
        {
            return null;
        }

        List<MacaroonCaveat> caveats = [];
        while (TryReadPacket(ref data, "cid"u8, out ReadOnlySpan<byte> caveatId))
        {
            ReadOnlySpan<byte> at = default;
            if (caveats.Count == Macaroon.MaxCaveats
                || (TryReadPacket(ref data, "vid"u8, out ReadOnlySpan<byte> verificationId)
                    && (verificationId.IsEmpty || !TryReadPacket(ref data, "cl"u8, out at)))
                || !LocationText.TryRead(at, out string? caveatHint))
            {
                return null;
            }

            caveats.Add(new MacaroonCaveat(caveatId.ToArray(), verificationId.ToArray(), caveatHint));
        }

        return TryReadPacket(ref data, "signature"u8, out ReadOnlySpan<byte> signature)
            && signature.Length == MacaroonHash.Size
            && data.IsEmpty
                ? new Macaroon(hint, identifier.ToArray(), [.. caveats], signature.ToArray())
                : null;
    }

    /// <summary>Takes the packet of a name off the front; another one is left there.</summary>
    private static bool TryReadPacket(scoped ref ReadOnlySpan<byte> data, ReadOnlySpan<byte> expected, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = data;
        if (!TryReadPacket(ref rest, out ReadOnlySpan<byte> name, out value) || !name.SequenceEqual(expected))
        {
            value = default;
            return false;
        }

        data = rest;
        return true;
    }
}
