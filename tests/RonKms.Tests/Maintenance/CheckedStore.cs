using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>A store in a directory with something of everything: three generations, every state, an anchor.</summary>
internal sealed class CheckedStore : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly byte[] _kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    internal CheckedStore(bool isAnchored = true)
    {
        Anchor = isAnchored ? new FileAnchor(_directory["anchor"]) : null;
        using Keystore keys = Keystore.OpenOrCreate(Place, Kek(), Options);
        Signing = keys.Create("acme", "signing", KeyAlgorithm.Ed25519, new KeyCreationOptions { Labels = new Dictionary<string, string> { ["owner"] = "ü" } });
        Wrapping = keys.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        Destroyed = keys.Create("acme", "old", KeyAlgorithm.Ed25519);
        keys.Destroy(Destroyed);
        keys.Reseal(Kek());
        for (int i = 0; i < 10; i++)
        {
            keys.Disable(Wrapping);
            keys.Enable(Wrapping);
        }

        Assert.True(keys.Compact());
        Rotated = keys.Rotate(Wrapping);
        DestroyedLater = keys.Create("acme", "later", KeyAlgorithm.X25519);
        keys.Destroy(DestroyedLater);
        keys.Disable(Rotated);
        Rotated = keys.Rotate(Rotated);
    }

    internal FileAnchor? Anchor { get; }

    internal string Root => _directory["store"];

    internal string Place => "file:" + Root;

    internal string Journal => this["g3", "journal.jsonl"];

    internal KeyId Signing { get; }

    internal KeyId Wrapping { get; }

    internal KeyId Rotated { get; }

    internal KeyId Destroyed { get; }

    internal KeyId DestroyedLater { get; }

    internal KeystoreOptions Options => new() { Anchor = Anchor };

    internal string this[params ReadOnlySpan<string> names] => Path.Combine([Root, .. names]);

    internal KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    internal string Outside(string name) => _directory[name];

    internal Keystore Open() => Keystore.Open(Place, Kek(), Options);

    internal StoreReport Check() => StoreChecker.Check(Place, Kek(), Options);

    internal StoreReport CheckWithoutKek() => StoreChecker.Check(Place, null, Options);

    internal string RecordOf(KeyId key) => FileOf(key, "ronk");

    internal string RemainsOf(KeyId key) => FileOf(key, "pub");

    /// <summary>Everything below, with what every file holds, and modes.</summary>
    internal List<string> Snapshot() => [.. Directory.EnumerateFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .Select(entry =>
        {
            FileInfo info = new(entry);
            string mode = OperatingSystem.IsWindows() || info.LinkTarget is not null ? "" : File.GetUnixFileMode(entry).ToString();
            bool isRead = info.LinkTarget is null && !Directory.Exists(entry);
            return $"{entry} {mode} {info.LinkTarget} {(isRead ? Digest.Of(File.ReadAllBytes(entry)) : "")} {(isRead ? info.LastWriteTimeUtc.Ticks : 0)}";
        })];

    public void Dispose() => _directory.Dispose();

    private string FileOf(KeyId key, string extension) => this["g3", "keys", key.Uuid.ToString("D")[..2], $"{key.Uuid:D}.v{key.Version}.{extension}"];
}
