using System.Runtime.Versioning;

namespace RonKms.Tests.Storage;

/// <summary>A private directory for one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string SharedMemory = "/dev/shm";

    private TemporaryDirectory(string path) => Path = path;

    public TemporaryDirectory()
        : this(Directory.CreateTempSubdirectory("ronkms-").FullName)
    {
    }

    public string Path { get; }

    public string this[params ReadOnlySpan<string> names] => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Where the system has a file system in memory, one there: for tests that flush thousands of times.</summary>
    public static TemporaryDirectory InMemory()
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(SharedMemory)) return new TemporaryDirectory();

        string path = System.IO.Path.Combine(SharedMemory, "ronkms-" + Guid.NewGuid().ToString("N"));
        return new TemporaryDirectory(MakePrivate(path));
    }

    /// <summary>Makes a directory of mode 0700.</summary>
    [UnsupportedOSPlatform("windows")]
    public static string MakePrivate(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
