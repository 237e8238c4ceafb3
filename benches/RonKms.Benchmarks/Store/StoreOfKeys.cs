using RonKms.Sealing;

namespace RonKms.Benchmarks.Store;

/// <summary>A store of so many Ed25519 keys in a file system that lies in memory: making it durable is not what is measured with it.</summary>
internal sealed class StoreOfKeys : IDisposable
{
    private const string Shared = "/dev/shm";

    private readonly string _directory;

    private StoreOfKeys(int count)
    {
        Count = count;
        _directory = Directory.CreateTempSubdirectory("ronkms-bench-").FullName;
        if (Directory.Exists(Shared))
        {
            Directory.Delete(_directory);
            _directory = Path.Combine(Shared, Path.GetFileName(_directory));
            Directory.CreateDirectory(_directory);
        }

        KeyEncryptionKey.CreateFile(KekFile);
        using Keystore kms = Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromFile(KekFile));
        for (int i = 0; i < count; i++)
        {
            kms.Create("bench", "signing", KeyAlgorithm.Ed25519);
        }
    }

    internal int Count { get; }

    internal string Place => "file:" + Path.Combine(_directory, "store");

    internal string KekFile => Path.Combine(_directory, "kek");

    internal string Journal => Path.Combine(_directory, "store", "g1", "journal.jsonl");

    internal static StoreOfKeys Make(int count) => new(count);

    internal Keystore Open(KeystoreOptions? options = null) => Keystore.Open(Place, KeyEncryptionKey.FromFile(KekFile), options);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
