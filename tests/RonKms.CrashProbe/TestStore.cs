using System.Security.Cryptography;
using System.Text;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.CrashProbe;

/// <summary>What writer and driver agree on: a store, its two key files, its backups and, where it has one, its anchor, all in one place.</summary>
/// <param name="place">The directory; with <c>anchored:</c> in front, the store has an anchor.</param>
internal sealed class TestStore(string place)
{
    internal const string Tenant = "crash";
    internal const string Label = "n";
    internal const int Threads = 4;
    private const string Anchored = "anchored:";

    /// <summary>The names of the key files.</summary>
    internal static string[] Keks => ["a", "b"];

    internal string Name => place;

    internal bool IsAnchored => place.StartsWith(Anchored, StringComparison.Ordinal);

    internal string Root => IsAnchored ? place[Anchored.Length..] : place;

    internal string Directory => Path.Combine(Root, "store");

    internal string Anchor => Path.Combine(Root, "anchor");

    /// <summary>The path of a backup.</summary>
    internal string BackupOf(string name) => Path.Combine(Root, name + ".backup");

    /// <summary>Begins anew, with no store.</summary>
    internal void Clear()
    {
        if (System.IO.Directory.Exists(Root)) System.IO.Directory.Delete(Root, recursive: true);
        System.IO.Directory.CreateDirectory(Root);
        foreach (string kek in Keks) KeyEncryptionKey.CreateFile(KekFile(kek));
    }

    /// <summary>Opens the store as both sides do. The lock is not waited for: a dead holder must not be in the way.</summary>
    /// <param name="kek">The name of the key file.</param>
    /// <param name="create">Whether to make it where there is none.</param>
    internal Keystore Open(string kek, bool create = false) => create
        ? Keystore.OpenOrCreate("file:" + Directory, Kek(kek), Options())
        : Keystore.Open("file:" + Directory, Kek(kek), Options());

    /// <summary>Opens the store with the one key file or, where that is not its own, with the other.</summary>
    internal Keystore OpenWithEither(string first)
    {
        try
        {
            return Open(first);
        }
        catch (KmsException refusal) when (refusal.Error == KmsError.WrongKek)
        {
            return Open(Keks.Single(kek => kek != first));
        }
    }

    /// <summary>Restores a backup to here, where there is nothing yet.</summary>
    internal Keystore Restore(string backup, KeyEncryptionKey kek, bool inMemory) =>
        Keystore.Restore(backup, inMemory ? "memory:" : "file:" + Directory, kek, Options());

    internal KeyEncryptionKey Kek(string name) => KeyEncryptionKey.FromFile(KekFile(name));

    /// <summary>The seed of an imported key, known to both sides by its label.</summary>
    internal static byte[] SeedOf(string label) => SHA256.HashData(Encoding.UTF8.GetBytes(label));

    private KeystoreOptions Options() => new() { Metrics = false, Anchor = IsAnchored ? new FileAnchor(Anchor) : null };

    private string KekFile(string name) => Path.Combine(Root, $"kek-{name}.b64");
}
