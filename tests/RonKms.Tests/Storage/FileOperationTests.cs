using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>What single file operations do where the system refuses them.</summary>
public sealed partial class FileOperationTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly FileOperations _files = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_not_there_is_neither_renamed_nor_removed()
    {
        Refused(() => _files.Rename(_directory["a"], _directory["b"]));
        Refused(() => _files.RenameToFree(_directory["a"], _directory["b"]));
        Refused(() => _files.Unlink(_directory["a"]));
        Refused(() => _files.RemoveDirectory(_directory["a"]));
        Assert.Empty(_files.List(_directory.Path));
    }

    [Fact]
    public void Taken_name_and_directory_that_is_not_empty_stay()
    {
        _files.CreateNew(_directory["a"]).Dispose();
        _files.CreateDirectory(_directory["d"]);
        _files.CreateNew(_directory["d/b"]).Dispose();

        Refused(() => _files.RenameToFree(_directory["a"], _directory["d/b"]));
        Refused(() => _files.RemoveDirectory(_directory["d"]));

        Assert.True(_files.Exists(_directory["a"]));
        Assert.True(_files.Exists(_directory["d/b"]));
    }

    [Fact]
    public void Backup_stream_only_goes_forward()
    {
        string path = _directory["backup"];
        byte[] large = new byte[600 * 1024];
        new Random(1).NextBytes(large);
        SafeFileHandle file = _files.CreateNew(path);
        using (BackupStream stream = new(_files, file, path))
        {
            Assert.Equal((false, false, true), (stream.CanRead, stream.CanSeek, stream.CanWrite));
            stream.Write(large, 1, large.Length - 1);
            stream.Flush();
            Assert.Throws<NotSupportedException>(() => stream.Length);
            Assert.Throws<NotSupportedException>(() => stream.Position);
            Assert.Throws<NotSupportedException>(() => stream.Position = 0);
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
            Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
            Assert.Throws<NotSupportedException>(() => stream.Read(new byte[1], 0, 1));
        }

        Assert.Equal(large[1..], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_that_is_cut_short_while_it_is_read_is_a_failure_of_the_store()
    {
        string path = _directory["a"];
        _files.CreateNew(path).Dispose();
        File.WriteAllBytes(path, [1, 2, 3]);
        using SafeFileHandle file = _files.Open(path, FileUse.Read)!;
        Assert.Equal([2, 3], _files.ReadExactly(file, 1, 2, path));
        KmsException e = Assert.Throws<KmsException>(() => _files.ReadExactly(file, 1, 3, path));
        Assert.Equal(KmsError.StoreFailed, e.Error);
    }

    [Fact]
    public void A_file_that_is_not_open_for_it_is_neither_read_nor_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows words it otherwise.");
        string path = _directory["a"];
        _files.CreateNew(path).Dispose();
        using SafeFileHandle reading = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using SafeFileHandle writing = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        Told("read", () => _files.Read(writing, new byte[1], 0, path));
        Told("write", () => _files.Write(reading, "x"u8, 0, path));
        Told("truncate", () => _files.SetLength(reading, 5, path));

        Assert.Equal(0, _files.LengthOf(reading, path));
        void Told(string action, Action call) => Assert.StartsWith($"Could not {action} {path}: ", Refused(call).Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_file_that_becomes_somebody_elses_when_it_is_made_is_refused()
    {
        RequireForeignFiles();
        HandOver(_directory.Path);

        KmsException refusal = Assert.Throws<KmsException>(() => AsNobodyForFiles(() => _files.CreateNew(_directory["a"])));

        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains($"belongs to user {Nobody}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(_directory["a"]).Length);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Where_there_are_no_hard_links_a_free_name_is_looked_up()
    {
        RequireForeignFiles();
        Assert.SkipUnless(File.ReadAllText("/proc/sys/fs/protected_hardlinks").Trim() == "1", "This system links everybody's files for everybody.");
        _files.CreateNew(_directory["a"]).Dispose();
        _files.CreateNew(_directory["taken"]).Dispose();
        HandOver(_directory.Path);

        Refused(() => AsNobodyForFiles(() => _files.RenameToFree(_directory["a"], _directory["taken"])));
        Assert.True(_files.Exists(_directory["a"]));

        AsNobodyForFiles(() => _files.RenameToFree(_directory["a"], _directory["b"]));
        Assert.Equal(["b", "taken"], _files.List(_directory.Path).Order());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_directory_that_cannot_be_read_is_told_and_not_taken_for_empty()
    {
        RequireForeignFiles();

        KmsException refusal = Refused(() => AsNobodyForFiles(() => _files.List(_directory.Path)));

        Assert.StartsWith($"Could not list {_directory.Path}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_path_that_cannot_be_looked_at_is_told_and_not_taken_for_gone()
    {
        using SafeFileHandle file = _files.CreateNew(_directory["a"]);

        KmsException refusal = Refused(() => _files.Look(file, _directory[new string('a', 300)]));

        Assert.StartsWith("Could not look at ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((0, false), _files.Look(file, _directory["b"]));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_directory_that_is_made_durable_may_be_reached_by_a_link()
    {
        Directory.CreateSymbolicLink(_directory["link"], _directory.Path);

        Assert.Null(Record.Exception(() => _files.SyncDirectory(_directory["link"])));
    }

    private static void RequireForeignFiles() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && ChildProcess.IsRoot, "Only root on Linux can be somebody else for files alone.");

    private static void HandOver(string path) => Assert.Equal(0, chown(path, Nobody, Nobody));

    /// <summary>Does something while this thread, for the file system and nothing else, is a user without rights: as root is on a network's file system.</summary>
    private static void AsNobodyForFiles(Action call)
    {
        Assert.Equal(0, setfsuid(Nobody));
        try
        {
            call();
        }
        finally
        {
            Assert.Equal(Nobody, setfsuid(0));
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setfsuid(int user);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chown(string path, int owner, int group);

    private static KmsException Refused(Action call)
    {
        KmsException refusal = Assert.Throws<KmsException>(call);
        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        return refusal;
    }
}
