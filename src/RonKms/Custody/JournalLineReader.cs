using System.Security.Cryptography;
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

    // One call of the hash costs more than copying a line.
    private readonly byte[] _withoutMac = new byte[MaxLineSize];
    private IncrementalHash? _mac;
    private IncrementalHash? _digest;
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

    /// <summary>Gets ready for several lines. The key of their MACs lies in the platform's memory until <see cref="EndLines"/>.</summary>
    internal void BeginLines()
    {
        _mac = _storeKey?.CreateJournalMac();
        _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    internal void EndLines()
    {
        _mac?.Dispose();
        _mac = null;
        _digest?.Dispose();
        _digest = null;
    }

    /// <summary>The digest of a line without its LF.</summary>
    internal Digest DigestOf(ReadOnlySpan<byte> line) => _digest is null ? Digest.Of(line) : Digest.Of(line, _digest);

    /// <summary>A reader of the same store's lines for another thread; <see langword="null"/> where no MACs are made.</summary>
    internal JournalLineReader? Another() => _storeKey is null ? null : new JournalLineReader(_storeKey);

    /// <summary>Reads one line without its LF. Says nothing of its place in the chain.</summary>
    internal JournalLineStatus Read(ReadOnlySpan<byte> line, out CustodyEvent? e)
    {
        e = null;
        if (!TryAuthenticate(line, out Digest mac))
        {
            return JournalLineStatus.Invalid;
        }

        // The line is one that a holder of the store's key wrote; or, where there is no key to tell, one that looks like it.
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
        if (read is null || !KeyLabels.AreAllowed(read.Labels) || parser.Mac is not { } named || named != mac)
        {
            return misshapen;
        }

        _lastKey = read.Key ?? _lastKey;
        e = read;
        return JournalLineStatus.Valid;
    }

    /// <summary>The store that a line names without anybody vouching for it: for messages alone.</summary>
    /// <param name="line">The line without its LF.</param>
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
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether a holder of the store's key wrote a line; where there is no key to tell, whether it has a MAC.</summary>
    /// <param name="line">The line without its LF.</param>
    /// <param name="claimed">Receives the MAC that it has.</param>
    private bool TryAuthenticate(ReadOnlySpan<byte> line, out Digest claimed)
    {
        claimed = default;

        // The text of the member cannot stand inside a string, where quotes are escaped; a label of that name stands before it.
        int at = line.LastIndexOf(MacMember);
        if (line.Length > MaxLineSize
            || at < 0
            || line.Length < at + MacMemberSize
            || !Digest.TryParse(line.Slice(at + MacMember.Length, 2 * Digest.Size), out claimed)
            || !line.Slice(at + MacMemberSize - 2, 2).SequenceEqual("\","u8))
        {
            return false;
        }

        if (_storeKey is null)
        {
            return true;
        }

        Span<byte> rest = _withoutMac.AsSpan(0, line.Length - MacMemberSize);
        line[..at].CopyTo(rest);
        line[(at + MacMemberSize)..].CopyTo(rest[at..]);
        using IncrementalHash? ofThisLine = _mac is null ? _storeKey.CreateJournalMac() : null;
        IncrementalHash hash = _mac ?? ofThisLine!;
        hash.AppendData(rest);
        Span<byte> mac = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(mac);
        return CryptographicOperations.FixedTimeEquals(mac, claimed.Span);
    }
}
