using RonKms.Sealing;

namespace RonKms.Schedules.Scenarios;

/// <summary>A store's directory, in memory where the system has such a place.</summary>
internal sealed class FileStoreDirectory : IDisposable
{
    private const string InMemory = "/dev/shm";

    private static readonly byte[] s_kek = new byte[32];

    private readonly DirectoryInfo _directory = Directory.Exists(InMemory)
        ? Directory.CreateDirectory(Path.Combine(InMemory, "ronkms-schedules-" + Guid.NewGuid()))
        : Directory.CreateTempSubdirectory("ronkms-schedules-");

    private string Place => "file:" + Path.Combine(_directory.FullName, "store");

    internal Keystore Open() => Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromBytes(s_kek), new KeystoreOptions { Metrics = false });

    /// <summary>A keystore that follows it, and looks again at each use.</summary>
    internal Keystore Follow() => Keystore.OpenReadOnly(
        Place, KeyEncryptionKey.FromBytes(s_kek), new KeystoreOptions { Metrics = false, MaxStaleness = TimeSpan.Zero });

    public void Dispose() => _directory.Delete(recursive: true);
}
