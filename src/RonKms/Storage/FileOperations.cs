using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Every operation that a file store does on the file system, one system call each; failures are <see cref="KmsException"/>s that name the path.</summary>
/// <remarks>The members are virtual so that tests can let each of them fail. Windows promises nothing about power loss: it cannot
/// make a directory durable.</remarks>
internal class FileOperations
{
    private static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>Opens a private file that exists.</summary>
    /// <returns>The handle, or <see langword="null"/> where there is no such file.</returns>
    internal virtual SafeFileHandle? Open(string path, FileUse use) => PrivateFile.Open(path, use);

    /// <summary>Makes an empty private file; fails where anything lies there, a link too.</summary>
    internal virtual SafeFileHandle CreateNew(string path)
    {
        SafeFileHandle file = Attempt("create", path, () =>
        {
            FileStream stream = OperatingSystem.IsWindows()
                ? WindowsAccess.CreateNew(path)
                : new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });

#pragma warning disable CA1816 // Only the handle is wanted: it outlives the stream, and is finalized on its own.
            GC.SuppressFinalize(stream);
#pragma warning restore CA1816
            return stream.SafeFileHandle;
        });
        try
        {
            // Some file systems ignore modes: better found out before anything is written.
            PrivateAccess.RequireFile(file, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads what one call gives.</summary>
    /// <returns>How many bytes; 0 at the end.</returns>
    internal virtual int Read(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        try
        {
            return RandomAccess.Read(file, destination, offset);
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            throw StoreFailure.Of("read", path, failure);
        }
    }

    /// <summary>Writes all the bytes or fails.</summary>
    internal virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            throw StoreFailure.Of("write", path, failure);
        }
    }

    /// <summary>Cuts a file off, or fills it up with zeros.</summary>
    internal virtual void SetLength(SafeFileHandle file, long length, string path) =>
        Attempt("truncate", path, () => RandomAccess.SetLength(file, length));

    /// <summary>A file's length.</summary>
    internal virtual long LengthOf(SafeFileHandle file, string path) =>
        OperatingSystem.IsWindows() ? Attempt("look at", path, () => RandomAccess.GetLength(file)) : FileStatus.Of(file, path).Length;

    /// <summary>A file's length, and whether its path still leads to it: neither it nor a directory above it was moved away or replaced.</summary>
    /// <remarks>Windows moves no directory in which a file is open; there it is only seen whether any file lies there.</remarks>
    internal virtual (long Length, bool IsThere) Look(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows()) return (LengthOf(file, path), File.Exists(path));

        FileStatus status = FileStatus.Of(file, path);
        return (status.Length, status.IsAt(path, file));
    }

    /// <summary>Makes a file's content and metadata durable.</summary>
    internal virtual void Sync(SafeFileHandle file, string path) => Sync(file, path, Libc.fsync);

    /// <summary>Makes a file's content durable, and of the metadata what is needed to read it.</summary>
    internal virtual void SyncData(SafeFileHandle file, string path) => Sync(file, path, Libc.fdatasync);

    /// <summary>Makes a directory's entries durable.</summary>
    internal virtual void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;

        using SafeFileHandle directory = UnixFile.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY, followLink: true)
            ?? throw StoreFailure.Worded("open", path, "there is no such directory", Libc.ENOENT, null);
        Sync(directory, path, Libc.fsync);
    }

    /// <summary>Renames, and replaces what the new name led to.</summary>
    internal virtual void Rename(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("rename", from, () => { if (Directory.Exists(from)) Directory.Move(from, to); else File.Move(from, to, overwrite: true); });
        }
        else if (Libc.rename(from, to) != 0)
        {
            throw StoreFailure.OfCall($"rename to {Path.GetFileName(to)}", from);
        }
    }

    /// <summary>Renames a file, and fails where the new name leads to anything. Where the file system has no hard links that is looked up before, and is
    /// not certain against somebody who makes the name at that moment.</summary>
    internal virtual void RenameToFree(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("rename", from, () => File.Move(from, to));
            return;
        }

        if (Libc.link(from, to) == 0)
        {
            Unlink(from);
            return;
        }

        int error = Marshal.GetLastPInvokeError();
        bool hasNoLinks = error == Libc.EPERM || error == Libc.ENOTSUP || error == Libc.ENOSYS;
        if (!hasNoLinks) throw StoreFailure.Worded($"rename to {Path.GetFileName(to)}", from, Marshal.GetPInvokeErrorMessage(error), error, null);
        if (Exists(to)) throw StoreFailure.Worded($"rename to {Path.GetFileName(to)}", from, "that name is taken", Libc.EEXIST, null);
        Rename(from, to);
    }

    /// <summary>Removes a file's name.</summary>
    internal virtual void Unlink(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("remove", path, File.Delete);
        }
        else if (Libc.unlink(path) != 0)
        {
            throw StoreFailure.OfCall("remove", path);
        }
    }

    /// <summary>Makes a private directory, but not the one above it. One that is there already is left as it is.</summary>
    internal virtual void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("create", path, WindowsAccess.CreateDirectory);
        }
        else if (Libc.mkdir(path, Libc.S_IRWXU) != 0 && Marshal.GetLastPInvokeError() != Libc.EEXIST)
        {
            throw StoreFailure.OfCall("create", path);
        }
    }

    /// <summary>Removes an empty directory.</summary>
    internal virtual void RemoveDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("remove", path, Directory.Delete);
        }
        else if (Libc.rmdir(path) != 0)
        {
            throw StoreFailure.OfCall("remove", path);
        }
    }

    /// <summary>Whether a directory is there; one that is not the effective user's alone is refused.</summary>
    internal virtual bool FindDirectory(string path, bool isOfAnchor = false)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!Directory.Exists(path)) return false;

            WindowsAccess.Require(path);
            return true;
        }

        using SafeFileHandle? directory = UnixFile.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY, followLink: false);
        if (directory is null) return false;

        PrivateAccess.RequireDirectory(directory, path, isOfAnchor);
        return true;
    }

    /// <summary>Whether anything has this name, be it a broken link.</summary>
    internal virtual bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    /// <summary>The names in a directory, in no order.</summary>
    internal virtual IReadOnlyList<string> List(string path) =>
        Attempt("list", path, () => new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => entry.FileName.ToString(), s_everything).ToList());

    /// <summary>Does pieces of work that wait for the disk and not for each other, several at once.</summary>
    /// <param name="count">How many.</param>
    /// <param name="work">Does one, given its number.</param>
    internal virtual void Together(int count, Action<int> work) => SideBySide.Do(count, work);

    // Not RandomAccess.FlushToDisk: it takes EROFS for success, which is what fsync says once a file system has given up.
    private static void Sync(SafeFileHandle file, string path, Func<SafeFileHandle, int> sync)
    {
        if (OperatingSystem.IsWindows())
        {
            Attempt("flush", path, () => RandomAccess.FlushToDisk(file));
            return;
        }

        int result;
        do
        {
            result = OperatingSystem.IsMacOS() ? SyncOnMac(file) : sync(file);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

        if (result != 0) throw StoreFailure.OfCall("make durable", path);
    }

    private static int SyncOnMac(SafeFileHandle file)
    {
        int result = Libc.fcntl(file, Libc.F_FULLFSYNC);

        // File systems of a network know no full sync; fsync is the most that they promise.
        return result == -1 && Marshal.GetLastPInvokeError() == Libc.ENOTSUP ? Libc.fsync(file) : Math.Min(result, 0);
    }

    private static void Attempt(string action, string path, Action operation) => Attempt(action, path, () =>
    {
        operation();
        return true;
    });

    private static void Attempt(string action, string path, Action<string> operation) => Attempt(action, path, () => operation(path));

    private static T Attempt<T>(string action, string path, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            throw StoreFailure.Of(action, path, failure);
        }
    }
}
