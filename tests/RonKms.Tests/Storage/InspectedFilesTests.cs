using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>That a store which is only looked at cannot be changed, whatever is asked for.</summary>
public sealed class InspectedFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly InspectedFiles _files = new((path, failure) => Assert.Fail($"{path}: {failure.Message}"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Every_operation_that_changes_something_is_forbidden()
    {
        string path = _directory["a"], other = _directory["b"];
        new FileOperations().CreateNew(path).Dispose();
        using SafeFileHandle file = _files.Open(path, FileUse.Read)!;

        Action[] changes =
        [
            () => _files.Open(path, FileUse.Update),
            () => _files.Open(path, FileUse.Append),
            () => _files.CreateNew(other),
            () => _files.Write(file, "x"u8, 0, path),
            () => _files.SetLength(file, 1, path),
            () => _files.Sync(file, path),
            () => _files.SyncData(file, path),
            () => _files.SyncDirectory(_directory.Path),
            () => _files.Rename(path, other),
            () => _files.Unlink(path),
            () => _files.CreateDirectory(other),
            () => _files.RemoveDirectory(_directory.Path),
        ];
        Assert.All(changes, change => Assert.Throws<InvalidOperationException>(change));

        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_directory.Path));
        Assert.Equal(0, new FileInfo(path).Length);
    }

    [Fact]
    public void Directory_that_cannot_be_listed_is_told_once_and_has_nothing_in_it()
    {
        List<string> told = [];
        InspectedFiles files = new((path, _) => told.Add(path));
        Assert.Empty(files.List(_directory["missing"]));
        Assert.Empty(files.List(_directory["missing"]));
        Assert.Equal([_directory["missing"]], told);
    }
}
