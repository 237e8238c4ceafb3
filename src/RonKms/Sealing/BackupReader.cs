using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RonKms.Sealing;

/// <summary>Reads a backup: checks its form when it is opened, its MAC once there is a key, and then gives out what lies in it.</summary>
/// <remarks>No length is believed before it is checked against its limit and the bytes in hand. Not thread-safe. Source: docs/formats/ronk-backup-v1.md.</remarks>
internal sealed class BackupReader
{
    internal const int HeadSize = 5;
    internal const int NameSize = 20;
    internal const int MacSize = 32;
    internal const int JournalPartSize = 1024 * 1024;
    private const int MaxDescriptionSize = 64 * 1024;
    private const int MaxRecordSize = 1024 * 1024;

    private readonly Stream _source;
    private readonly string _location;
    private readonly Dictionary<(Guid Key, uint Version, BackupEntry Entry), (long Offset, int Length)> _versions = [];
    private readonly List<(long Offset, int Length)> _journal = [];
    private readonly long _start;
    private long _macOffset;

    /// <summary>Opens a backup and finds its entries.</summary>
    /// <param name="source">The backup from its position on, to its end; it can seek, and stays the caller's.</param>
    /// <param name="location">The place, for messages.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.NewerFormat"/>.</exception>
    internal BackupReader(Stream source, string location)
    {
        _source = source;
        _location = location;
        _start = source.Position;
        ReadMagic();
        Description = ReadEntries() ?? throw Damaged();
    }

    internal static ReadOnlySpan<byte> Magic => "RONKBKUP\x01"u8;

    /// <summary>The place, for messages.</summary>
    internal string Location => _location;

    /// <summary>The bytes of store.json.</summary>
    internal byte[] Description { get; }

    /// <summary>Whether the backup is as it was written. Nothing else in it is to be trusted before.</summary>
    internal bool Authenticates(StoreKey storeKey)
    {
        using IncrementalHash mac = storeKey.CreateBackupMac();
        byte[] buffer = new byte[64 * 1024];
        _source.Position = _start;
        for (long left = _macOffset - _start; left > 0;)
        {
            int part = (int)Math.Min(buffer.Length, left);
            Fill(buffer.AsSpan(0, part));
            mac.AppendData(buffer, 0, part);
            left -= part;
        }

        byte[] claimed = Read(_macOffset, MacSize);
        return CryptographicOperations.FixedTimeEquals(mac.GetHashAndReset(), claimed);
    }

    /// <summary>The whole journal.</summary>
    internal byte[] ReadJournal()
    {
        long length = _journal.Sum(part => (long)part.Length);
        if (length > Array.MaxLength)
        {
            throw Damaged();
        }

        byte[] journal = new byte[length];
        int filled = 0;
        foreach ((long offset, int part) in _journal)
        {
            _source.Position = offset;
            Fill(journal.AsSpan(filled, part));
            filled += part;
        }

        return journal;
    }

    internal byte[]? ReadRecord(Guid key, uint version) => Read(key, version, BackupEntry.Record);

    internal byte[]? ReadRemains(Guid key, uint version) => Read(key, version, BackupEntry.Remains);

    internal KmsException Damaged() => new(
        KmsError.SealedCorrupt, $"The backup {_location} is damaged, cut short, or no backup of a RonKms store. Nothing was changed. Use another backup.");

    private void ReadMagic()
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        Fill(magic);
        if (magic[..^1].SequenceEqual(Magic[..^1]) && magic[^1] > Magic[^1])
        {
            throw new KmsException(KmsError.NewerFormat, $"The backup {_location} has a newer format than this version reads. Use a newer version of RonKms.");
        }

        if (!magic.SequenceEqual(Magic))
        {
            throw Damaged();
        }
    }

    /// <summary>Goes through the entries, which stand in this order: description, records and remains, journal, end.</summary>
    private byte[]? ReadEntries()
    {
        byte[]? description = null;
        Span<byte> head = stackalloc byte[HeadSize];
        Span<byte> name = stackalloc byte[NameSize];
        while (true)
        {
            Fill(head);
            BackupEntry entry = (BackupEntry)head[0];
            uint length = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
            long offset = _source.Position;
            long left = _source.Length - offset;
            bool isFirst = description is null;
            switch (entry)
            {
                case BackupEntry.Description when isFirst && length <= MaxDescriptionSize && length <= left:
                    description = Read(offset, (int)length);
                    break;
                case BackupEntry.Record or BackupEntry.Remains
                    when !isFirst && _journal.Count == 0 && length is >= NameSize and <= NameSize + MaxRecordSize && length <= left:
                    Fill(name);
                    Guid key = new(name[..16], bigEndian: true);
                    if (!_versions.TryAdd((key, BinaryPrimitives.ReadUInt32BigEndian(name[16..]), entry), (offset + NameSize, (int)length - NameSize)))
                    {
                        return null;
                    }

                    _source.Position = offset + length;
                    break;
                case BackupEntry.Journal when !isFirst && length is > 0 and <= JournalPartSize && length <= left:
                    _journal.Add((offset, (int)length));
                    _source.Position = offset + length;
                    break;
                case BackupEntry.End when _journal.Count > 0 && length == MacSize && length == left:
                    _macOffset = offset;
                    return description;
                default:
                    return null;
            }
        }
    }

    private byte[]? Read(Guid key, uint version, BackupEntry entry) =>
        _versions.TryGetValue((key, version, entry), out (long Offset, int Length) at) ? Read(at.Offset, at.Length) : null;

    private byte[] Read(long offset, int length)
    {
        byte[] bytes = new byte[length];
        _source.Position = offset;
        Fill(bytes);
        return bytes;
    }

    private void Fill(Span<byte> destination)
    {
        if (_source.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw Damaged();
        }
    }
}
