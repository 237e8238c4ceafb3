using System.Security.Cryptography;
using System.Text;
using RonKms.Sealing;

namespace RonKms.CrashProbe;

/// <summary>What writer and driver agree on.</summary>
internal static class TestStore
{
    internal const string Tenant = "crash";
    internal const string Label = "n";
    internal const int Threads = 4;

    /// <summary>Opens the store as both sides do. The lock is not waited for: a dead holder must not be in the way.</summary>
    internal static Keystore Open(string directory, bool create) => create
        ? Keystore.OpenOrCreate("file:" + directory, Kek(), new KeystoreOptions { Metrics = false })
        : Keystore.Open("file:" + directory, Kek(), new KeystoreOptions { Metrics = false });

    /// <summary>The seed of an imported key, known to both sides by its label.</summary>
    internal static byte[] SeedOf(string label) => SHA256.HashData(Encoding.UTF8.GetBytes(label));

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(SHA256.HashData("the crash probe's key-encryption key"u8));
}
