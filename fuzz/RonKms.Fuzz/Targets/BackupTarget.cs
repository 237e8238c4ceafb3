using System.Security.Cryptography;
using RonKms.Fuzz.Engine;
using RonKms.Sealing;

namespace RonKms.Fuzz.Targets;

/// <summary>Backups: one that is read has its MAC right where that was made right, and only there.</summary>
internal static class BackupTarget
{
    internal static FuzzTarget Target { get; } = new("backup", Run)
    {
        Expects = static e => e is KmsException { Error: KmsError.SealedCorrupt or KmsError.NewerFormat },
        Tokens = ["RONKBKUP\u0001", "\u0001\0\0", "\u0002\0\0", "\u0003\0\0", "\u0004\0\0", "\0\0\0\0 "],
        Seeds = static source => [source.ReadBytes("ronk/stores/resealed.backup"), Small()],
        MaxSize = 6000,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        byte[] backup = input.ToArray();
        using MemoryStream stream = new(backup);
        BackupReader reader = new(stream, "here");
        byte[] journal = reader.ReadJournal();
        Oracle.Holds(journal.Length > 0 && journal.Length + reader.Description.Length < backup.Length, "more was read than is there");

        using IncrementalHash hash = JournalText.StoreKey.CreateBackupMac();
        hash.AppendData(backup, 0, backup.Length - BackupReader.MacSize);
        byte[] mac = hash.GetHashAndReset();
        bool isAuthentic = backup.AsSpan().EndsWith(mac);
        Oracle.Holds(reader.Authenticates(JournalText.StoreKey) == isAuthentic, $"whether the MAC is right, which is {isAuthentic}, was answered wrongly");
        mac.CopyTo(backup.AsSpan(backup.Length - mac.Length));
        Oracle.Holds(new BackupReader(new MemoryStream(backup), "here").Authenticates(JournalText.StoreKey), "the right MAC is not taken");
    }

    private static byte[] Small()
    {
        using MemoryStream stream = new();
        using BackupWriter writer = new(stream, JournalText.StoreKey);
        writer.WriteDescription("{}"u8);
        writer.WriteVersion(BackupEntry.Record, JournalText.StoreKey.StoreId, 1, "record"u8);
        writer.WriteVersion(BackupEntry.Remains, JournalText.StoreKey.StoreId, 2, "remains"u8);
        writer.WriteJournal("line\n"u8);
        writer.End();
        return stream.ToArray();
    }
}
