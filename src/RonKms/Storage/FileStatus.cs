using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>What the system says about an open file: taken from the handle, so that no other file can be put in between.</summary>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="Owner">The owner's user id.</param>
/// <param name="Links">How many names the file has; 0 once it was deleted or replaced.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Device">The file system's number.</param>
/// <param name="Inode">The file's number in its file system.</param>
internal readonly record struct FileStatus(uint Mode, uint Owner, uint Links, long Length, ulong Device, ulong Inode)
{
    private FileStatus(in Libc.statx_t linux)
        : this(
            linux.stx_mode, linux.stx_uid, linux.stx_nlink, checked((long)linux.stx_size), ((ulong)linux.stx_dev_major << 32) | linux.stx_dev_minor, linux.stx_ino)
    {
    }

    internal bool IsRegularFile => (Mode & Libc.S_IFMT) == Libc.S_IFREG;

    /// <summary>The nine permission bits.</summary>
    internal UnixFileMode Permissions => (UnixFileMode)(Mode & 0x1FF);

    /// <summary>Asks for an open file's status. Not on Windows.</summary>
    internal static FileStatus Of(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return Libc.statx(file, string.Empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.statx_t linux) == 0
                ? new FileStatus(linux)
                : throw StoreFailure.OfCall("look at", path);
        }

        Libc.stat_t mac;
        int result = RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? Libc.fstat_inode64(file, out mac)
            : Libc.fstat(file, out mac);
        return result == 0
            ? new FileStatus(mac.st_mode, mac.st_uid, mac.st_nlink, mac.st_size, (uint)mac.st_dev, mac.st_ino)
            : throw StoreFailure.OfCall("look at", path);
    }

    /// <summary>Whether a full path leads to this file, which <paramref name="file"/> has open, and not by a link. Not on Windows.</summary>
    internal bool IsAt(string path, SafeFileHandle file) => At(path, file) is { } found && found.Inode == Inode && found.Device == Device;

    private static FileStatus? At(string path, SafeFileHandle any)
    {
        if (OperatingSystem.IsLinux())
        {
            // Of a full path the directory does not matter, so any handle will do.
            return Libc.statx(any, path, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out Libc.statx_t linux) == 0 ? new FileStatus(linux)
                : Marshal.GetLastPInvokeError() is Libc.ENOENT or Libc.ENOTDIR ? null
                : throw StoreFailure.OfCall("look at", path);
        }

        using SafeFileHandle? named = UnixFile.Open(path, Libc.O_RDONLY, followLink: false);
        return named is null ? null : Of(named, path);
    }
}
