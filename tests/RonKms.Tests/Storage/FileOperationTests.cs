using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>What single file operations do where the system refuses them.</summary>
public sealed class FileOperationTests : IDisposable
{
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

    private static void Refused(Action call) => Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(call).Error);
}
