using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Files that only the effective user may read: how they are opened, read and made.</summary>
internal static class PrivateFile
{
    /// <summary>Reads a whole secret file into the caller's memory; no copy is left elsewhere in this process.</summary>
    /// <param name="path">The file.</param>
    /// <param name="destination">Where the bytes go, from its beginning.</param>
    /// <param name="allowMountedSecret">The file may be a symbolic link, belong to root or be readable by others, as container platforms
    /// mount secrets. It is refused when others may write it all the same.</param>
    /// <returns>The file's length.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the file is missing, unreadable or longer than the destination;
    /// <see cref="KmsError.PermissionsTooWide"/>.</exception>
    internal static int ReadInto(string path, Span<byte> destination, bool allowMountedSecret)
    {
        var files = new FileOperations();
        using SafeFileHandle file = Open(path, FileUse.Read, allowMountedSecret)
            ?? throw StoreFailure.Worded("open", path, "there is no such file", Libc.ENOENT, null);
        int length = files.ReadUpTo(file, destination, 0, path);
        Span<byte> beyond = stackalloc byte[1];
        if (length == destination.Length && files.Read(file, beyond, length, path) != 0)
        {
            destination.Clear();
            beyond.Clear();
            throw new KmsException(KmsError.StoreFailed, $"{path} is longer than what it is read for can be. Check that the path names the right file.");
        }

        return length;
    }

    /// <summary>Makes a file of mode 0600 and returns once it is durable. Never overwrites.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: something lies there already, or it cannot be written.</exception>
    internal static void CreateNew(string path, ReadOnlySpan<byte> content)
    {
        var files = new FileOperations();
        string full = Path.GetFullPath(path);
        files.WriteNew(full, content);
        files.SyncDirectory(Path.GetDirectoryName(full) ?? full);
    }

    /// <summary>Opens a file and checks, on the handle, whose it is.</summary>
    /// <returns>The handle, or <see langword="null"/> where there is no such file.</returns>
    internal static SafeFileHandle? Open(string path, FileUse use, bool allowMountedSecret = false)
    {
        SafeFileHandle? file = OperatingSystem.IsWindows()
            ? OpenOnWindows(path, use)
            : UnixFile.Open(path, UnixFlags(use), followLink: allowMountedSecret);
        if (file is null) return null;

        try
        {
            if (allowMountedSecret)
            {
                PrivateAccess.RequireMountedSecret(file, path);
            }
            else
            {
                PrivateAccess.RequireFile(file, path);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static int UnixFlags(FileUse use) => use switch
    {
        FileUse.Read => Libc.O_RDONLY,
        FileUse.Update => Libc.O_RDWR,
        FileUse.Append => Libc.O_WRONLY | Libc.O_APPEND,
        _ => throw new ArgumentOutOfRangeException(nameof(use)),
    };

    private static SafeFileHandle? OpenOnWindows(string path, FileUse use)
    {
        try
        {
            FileAccess access = use switch
            {
                FileUse.Read => FileAccess.Read,
                FileUse.Update => FileAccess.ReadWrite,
                FileUse.Append => FileAccess.Write,
                _ => throw new ArgumentOutOfRangeException(nameof(use)),
            };
            return File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            throw StoreFailure.Of("open", path, failure);
        }
    }
}
