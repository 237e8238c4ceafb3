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
    /// <returns>The file's length. Where that is more than the destination has, the file's beginning was read.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the file is missing or unreadable;
    /// <see cref="KmsError.PermissionsTooWide"/>.</exception>
    internal static long ReadInto(string path, Span<byte> destination, bool allowMountedSecret)
    {
        var files = new FileOperations();
        using SafeFileHandle file = OpenSecret(path, allowMountedSecret) ?? throw Missing(path);
        int length = files.ReadUpTo(file, destination, 0, path);
        return length < destination.Length ? length : Math.Max(length, RandomAccess.GetLength(file));
    }

    /// <summary>Makes a file of mode 0600 and returns once it is durable. Never overwrites.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: something lies there already, or it cannot be written.</exception>
    internal static void CreateNew(string path, ReadOnlySpan<byte> content)
    {
        var files = new FileOperations();
        string full = Path.GetFullPath(path);
        if (files.Exists(full))
        {
            throw new KmsException(
                KmsError.StoreFailed,
                $"{full} exists, and nothing was overwritten: if it is a key file, some store may need it. Use it, or name another file.");
        }

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

    private static SafeFileHandle? OpenSecret(string path, bool allowMountedSecret)
    {
        try
        {
            return Open(path, FileUse.Read, allowMountedSecret);
        }
        catch (KmsException refusal) when (!allowMountedSecret && IsMountedSecret(path))
        {
            throw new KmsException(
                refusal.Error,
                refusal.Message + " (If a container platform mounts it so, and that is meant: set RON_KMS_KEK_MOUNTED=1, KekMounted in a configuration file, allowMountedSecret in code.)",
                refusal);
        }
    }

    private static bool IsMountedSecret(string path)
    {
        try
        {
            using SafeFileHandle? file = Open(path, FileUse.Read, allowMountedSecret: true);
            return file is not null;
        }
        catch (KmsException)
        {
            // The refusal that led here is the one to report.
            return false;
        }
    }

    private static KmsException Missing(string path)
    {
        string reason = path.StartsWith('~') ? "there is no such file, and ~ is not expanded here" : "there is no such file";
        return StoreFailure.Worded("open", path, reason, Libc.ENOENT, null);
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
