using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>What a keystore leaves behind, in memory and on disk, looked at in a process of its own.</summary>
public sealed class ResidueTests : IDisposable
{
    private const string LinuxAlone = "skipped: only Linux shows a process its own memory";

    // Their secrets lie in guarded memory alone. P-256's is in OpenSSL's heap, too, where reversed bytes may outlive the key.
    private static readonly string[] s_guarded = ["ed25519", "x25519", "aes256gcm", "chacha20poly1305", "hmacsha256", "p256"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void No_secret_is_in_memory_once_its_key_is_destroyed_or_its_keystore_disposed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxAlone);

        IReadOnlyDictionary<string, int> found = HeapProbe.Run("heap", _directory.Path);

        foreach (string algorithm in s_guarded)
        {
            Assert.Equal((algorithm, 0), (algorithm, found[$"before {algorithm}"]));
            Assert.True(found[$"open {algorithm}"] > 0, $"The scanner does not see the {algorithm} key while it is held.");
            Assert.Equal((algorithm, 0), (algorithm, found[$"destroyed {algorithm}"]));
            Assert.Equal((algorithm, 0), (algorithm, found[$"disposed {algorithm}"]));
        }

        Assert.True(found["open p256-reversed"] > 0, "The platform no longer keeps scalars as big numbers: the documentation says it does.");
    }

    [Fact]
    public void A_keystore_in_memory_writes_no_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxAlone);

        IReadOnlyDictionary<string, int> told = HeapProbe.Run("files", _directory.Path);

        Assert.Equal(0, told["written"]);
        Assert.Equal(10, told["keys"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Where_the_system_does_not_lock_memory_each_keystore_warns_once_and_health_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxAlone);
        string[] unprivileged = ChildProcess.IsRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"] : [];

        IReadOnlyDictionary<string, int> told = HeapProbe.Run("locks", Path.GetTempPath(), ["prlimit", "--memlock=65536:65536", .. unprivileged]);

        Assert.Equal(1, told["first"]);
        Assert.Equal(1, told["second"]);
        Assert.True(told["unlocked"] > 0);
    }
}
