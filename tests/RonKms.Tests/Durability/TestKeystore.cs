using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Durability;

/// <summary>Keystores in a directory, opened through file operations of the test's own.</summary>
internal static class TestKeystore
{
    private static readonly KeystoreOptions Quiet = new() { Metrics = false, OpenedKeyIdleWipe = null };

    internal static Keystore Open(string root, FileOperations? files = null) =>
        Keystore.Open(FileStore.Open(root, FileStores.Existing, files ?? new FileOperations()), Kek(), Quiet);

    internal static Keystore OpenOrCreate(string root, FileOperations? files = null) =>
        Keystore.OpenOrCreate(FileStore.Open(root, FileStores.Creating, files ?? new FileOperations()), Kek(), Quiet);

    /// <summary>The files that do not belong to any key version as the keystore tells it, or that are missing.</summary>
    internal static void AssertFilesFit(Keystore keys, string root)
    {
        string[] expected = [.. keys.List(new KeyFilter { AllVersions = true })
            .Where(info => info.State != KeyState.Destroyed || info.Id.Algorithm == KeyAlgorithm.Ed25519)
            .Select(info => $"{info.Id.Uuid:D}.v{info.Id.Version}{(info.State == KeyState.Destroyed ? ".pub" : ".ronk")}").Order(StringComparer.Ordinal)];
        string[] found = [.. Directory.EnumerateFiles(Path.Combine(root, "g1", "keys"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

        // Symmetric keys leave a header that nobody needs.
        string[] symmetric = [.. keys.List(new KeyFilter { AllVersions = true, State = KeyState.Destroyed, Algorithm = KeyAlgorithm.Aes256Gcm })
            .Select(info => $"{info.Id.Uuid:D}.v{info.Id.Version}.pub")];
        Assert.Equal(expected, found.Except(symmetric));
        Assert.Equal(["lock", "store.json"], Directory.EnumerateFiles(root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(new byte[32]);
}
