using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Reads journal lines and checks their MACs. One thread at a time.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class JournalLineReader
{
    private const int MaxLineSize = 64 * 1024;
    private const int MacMemberSize = 7 + (2 * Digest.Size) + 2;

    // None only where it was asked for by name.
    private readonly StoreKey? _storeKey;
    private readonly JournalLineWriter _writer = new();
    private readonly byte[] _withoutMac = new byte[MaxLineSize];
    private KeyId? _lastKey;

    internal JournalLineReader(StoreKey storeKey)
    {
        ArgumentNullException.ThrowIfNull(storeKey);
        _storeKey = storeKey;
    }

    private JournalLineReader()
    {
    }

    private static ReadOnlySpan<byte> MacMember => "\"mac\":\""u8;

    /// <summary>A reader for somebody who has no key: whatever is written as a line should be is one.</summary>
    internal static JournalLineReader WithoutMacs() => new();

    /// <summary>Reads one line without its LF. Says nothing of its place in the chain.</summary>
    internal JournalLineStatus Read(ReadOnlySpan<byte> line, out CustodyEvent? e)
    {
        e = null;
        Span<byte> mac = stackalloc byte[Digest.Size];
        if (!TryAuthenticate(line, mac))
        {
            return JournalLineStatus.Invalid;
        }

        // From here on the line is one that a holder of the store's key wrote; or, where there is no key to tell, one that looks like it.
        JournalLineStatus misshapen = _storeKey is null ? JournalLineStatus.Invalid : JournalLineStatus.Malformed;
        CustodyEventParser parser = new(_lastKey);
        if (!TryParse(line, ref parser))
        {
            return misshapen;
        }

        if (parser.HoldsUnknown)
        {
            e = parser.ToEvent(allowIncomplete: true);
            return JournalLineStatus.Newer;
        }

        CustodyEvent? read = parser.ToEvent(allowIncomplete: false);
        if (read is null || !KeyLabels.AreAllowed(read.Labels) || !_writer.IsCanonical(read, line, mac))
        {
            return misshapen;
        }

        _lastKey = read.Key ?? _lastKey;
        e = read;
        return JournalLineStatus.Valid;
    }

    /// <summary>The store that a line names without anybody vouching for it: for messages alone.</summary>
    internal static Guid? ClaimedStore(ReadOnlySpan<byte> line)
    {
        CustodyEventParser parser = new(keyBefore: null);
        return line.Length <= MaxLineSize && TryParse(line, ref parser) ? parser.ToEvent(allowIncomplete: true)?.StoreId : null;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, ref CustodyEventParser parser)
    {
        try
        {
            parser.Read(line);
            return true;
        }
        catch (Exception x) when (x is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private bool TryAuthenticate(ReadOnlySpan<byte> line, Span<byte> mac)
    {
        // The text of the member cannot stand inside a string, where quotes are escaped; a label of that name stands before it.
        int at = line.LastIndexOf(MacMember);
        if (line.Length > MaxLineSize
            || at < 0
            || line.Length < at + MacMemberSize
            || !Digest.TryParse(line.Slice(at + MacMember.Length, 2 * Digest.Size), out Digest claimed)
            || !line.Slice(at + MacMemberSize - 2, 2).SequenceEqual("\","u8))
        {
            return false;
        }

        if (_storeKey is null)
        {
            claimed.Span.CopyTo(mac);
            return true;
        }

        Span<byte> rest = _withoutMac.AsSpan(0, line.Length - MacMemberSize);
        line[..at].CopyTo(rest);
        line[(at + MacMemberSize)..].CopyTo(rest[at..]);
        _storeKey.MacJournalLine(rest, mac);
        return CryptographicOperations.FixedTimeEquals(mac, claimed.Span);
    }
}
