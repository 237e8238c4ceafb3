using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>What the system says about an open file: taken from the handle, so that no other file can be put in between.</summary>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="Owner">The owner's user id.</param>
/// <param name="Links">How many names the file has; 0 once it was deleted or replaced.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Inode">The file's number in its file system.</param>
internal readonly record struct FileStatus(uint Mode, uint Owner, uint Links, long Length, ulong Inode)
{
    internal bool IsRegularFile => (Mode & Libc.S_IFMT) == Libc.S_IFREG;

    internal bool IsDirectory => (Mode & Libc.S_IFMT) == Libc.S_IFDIR;

    /// <summary>The nine permission bits.</summary>
    internal UnixFileMode Permissions => (UnixFileMode)(Mode & 0x1FF);

    /// <summary>Asks for an open file's status. Not on Windows.</summary>
    internal static FileStatus Of(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return Libc.statx(file, string.Empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.statx_t linux) == 0
                ? new FileStatus(linux.stx_mode, linux.stx_uid, linux.stx_nlink, checked((long)linux.stx_size), linux.stx_ino)
                : throw StoreFailure.OfCall("look at", path);
        }

        Libc.stat_t mac;
        int result = RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? Libc.fstat_inode64(file, out mac)
            : Libc.fstat(file, out mac);
        return result == 0
            ? new FileStatus(mac.st_mode, mac.st_uid, mac.st_nlink, mac.st_size, mac.st_ino)
            : throw StoreFailure.OfCall("look at", path);
    }
}
