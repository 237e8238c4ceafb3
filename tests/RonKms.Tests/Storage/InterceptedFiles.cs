using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>Real file operations, each announced before it is done. What is told may throw instead.</summary>
internal abstract class InterceptedFiles : FileOperations
{
    internal override SafeFileHandle? Open(string path, FileUse use) => Around($"open {use}", path, () => base.Open(path, use));

    internal override SafeFileHandle CreateNew(string path) => Around("create", path, () => base.CreateNew(path));

    internal override int Read(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        byte[] read = new byte[destination.Length];
        int length = Around("read", path, () => base.Read(file, read, offset, path));
        read.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    internal override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        byte[] written = bytes.ToArray();
        Around("write", path, () => base.Write(file, written, offset, path), () => base.Write(file, written.AsSpan(0, written.Length / 2), offset, path));
    }

    internal override void SetLength(SafeFileHandle file, long length, string path) => Around("truncate", path, () => base.SetLength(file, length, path));

    internal override long LengthOf(SafeFileHandle file, string path) => Around("look", path, () => base.LengthOf(file, path));

    internal override (long Length, bool IsThere) Look(SafeFileHandle file, string path) => Around("look", path, () => base.Look(file, path));

    internal override void Sync(SafeFileHandle file, string path) => Around("sync", path, () => base.Sync(file, path));

    internal override void SyncData(SafeFileHandle file, string path) => Around("sync data", path, () => base.SyncData(file, path));

    internal override void SyncDirectory(string path) => Around("sync directory", path, () => base.SyncDirectory(path));

    internal override void Rename(string from, string to) => Around("rename", from, () => base.Rename(from, to));

    internal override void RenameToFree(string from, string to) => Around("rename", from, () => base.RenameToFree(from, to));

    internal override void Unlink(string path) => Around("unlink", path, () => base.Unlink(path));

    internal override void CreateDirectory(string path) => Around("mkdir", path, () => base.CreateDirectory(path));

    internal override void RemoveDirectory(string path) => Around("rmdir", path, () => base.RemoveDirectory(path));

    internal override bool FindDirectory(string path, bool isOfAnchor = false) =>
        Around("find directory", path, () => base.FindDirectory(path, isOfAnchor));

    internal override bool Exists(string path) => Around("exists", path, () => base.Exists(path));

    internal override IReadOnlyList<string> List(string path) => Around("list", path, () => base.List(path));

    /// <summary>One after the other, so that an operation has a number.</summary>
    internal override void Together(int count, Action<int> work)
    {
        for (int i = 0; i < count; i++) work(i);
    }

    /// <summary>Called in place of each operation.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="path">On what.</param>
    /// <param name="operation">Does it.</param>
    /// <param name="half">Does it by half, where that is possible.</param>
    protected abstract void Intercept(string name, string path, Action operation, Action? half);

    private void Around(string name, string path, Action operation, Action? half = null) => Intercept(name, path, operation, half);

    private T Around<T>(string name, string path, Func<T> operation)
    {
        T result = default!;
        try
        {
            Intercept(name, path, () => result = operation(), null);
            return result;
        }
        catch
        {
            (result as IDisposable)?.Dispose();
            throw;
        }
    }
}
