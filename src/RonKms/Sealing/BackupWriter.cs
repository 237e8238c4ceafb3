using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RonKms.Sealing;

/// <summary>Writes a backup: entries in the order of <see cref="BackupReader"/>, then a MAC over all of them.</summary>
/// <remarks>Source: docs/formats/ronk-backup-v1.md.</remarks>
internal sealed class BackupWriter : IDisposable
{
    private readonly Stream _destination;
    private readonly IncrementalHash _mac;

    internal BackupWriter(Stream destination, StoreKey storeKey)
    {
        _destination = destination;
        _mac = storeKey.CreateBackupMac();
        Write(BackupReader.Magic);
    }

    public void Dispose() => _mac.Dispose();

    internal void WriteDescription(ReadOnlySpan<byte> description) => WriteEntry(BackupEntry.Description, description);

    internal void WriteVersion(BackupEntry entry, Guid key, uint version, ReadOnlySpan<byte> bytes)
    {
        Span<byte> name = stackalloc byte[BackupReader.NameSize];
        bool written = key.TryWriteBytes(name, bigEndian: true, out _);
        System.Diagnostics.Debug.Assert(written, "16 bytes are there");
        BinaryPrimitives.WriteUInt32BigEndian(name[16..], version);
        WriteHead(entry, BackupReader.NameSize + bytes.Length);
        Write(name);
        Write(bytes);
    }

    internal void WriteJournal(ReadOnlySpan<byte> journal)
    {
        for (; !journal.IsEmpty; journal = journal[Math.Min(journal.Length, BackupReader.JournalPartSize)..])
        {
            WriteEntry(BackupEntry.Journal, journal[..Math.Min(journal.Length, BackupReader.JournalPartSize)]);
        }
    }

    internal void End()
    {
        WriteHead(BackupEntry.End, BackupReader.MacSize);
        _destination.Write(_mac.GetHashAndReset());
        _destination.Flush();
    }

    private void WriteEntry(BackupEntry entry, ReadOnlySpan<byte> payload)
    {
        WriteHead(entry, payload.Length);
        Write(payload);
    }

    private void WriteHead(BackupEntry entry, int length)
    {
        Span<byte> head = stackalloc byte[BackupReader.HeadSize];
        head[0] = (byte)entry;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], length);
        Write(head);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _mac.AppendData(bytes);
        _destination.Write(bytes);
    }
}
