using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RonKms.Interop;

/// <summary>sys/stat.h: mkdir; statx on Linux, whose layout is the same on every processor; fstat on macOS.</summary>
internal static partial class Libc
{
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const uint STATX_BASIC_STATS = 0x7ff;

    internal const uint S_IFMT = 0xF000;
    internal const uint S_IFDIR = 0x4000;
    internal const uint S_IFREG = 0x8000;

    /// <summary>The owner reads, writes and searches.</summary>
    internal const uint S_IRWXU = 0x1C0;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int mkdir(string path, uint mode);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int statx(SafeFileHandle dirfd, string path, int flags, uint mask, out statx_t buffer);

    [LibraryImport(Library, SetLastError = true, EntryPoint = "fstat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int fstat(SafeFileHandle fd, out stat_t buffer);

    // On Intel Macs the plain name is the old structure with 32-bit inodes.
    [LibraryImport(Library, SetLastError = true, EntryPoint = "fstat$INODE64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int fstat_inode64(SafeFileHandle fd, out stat_t buffer);

    /// <summary>Linux's struct statx, as far as it is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct statx_t
    {
        [FieldOffset(16)]
        internal uint stx_nlink;

        [FieldOffset(20)]
        internal uint stx_uid;

        [FieldOffset(28)]
        internal ushort stx_mode;

        [FieldOffset(32)]
        internal ulong stx_ino;

        [FieldOffset(40)]
        internal ulong stx_size;

        [FieldOffset(136)]
        internal uint stx_dev_major;

        [FieldOffset(140)]
        internal uint stx_dev_minor;
    }

    /// <summary>macOS's struct stat with 64-bit inodes, as far as it is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    internal struct stat_t
    {
        [FieldOffset(0)]
        internal int st_dev;

        [FieldOffset(4)]
        internal ushort st_mode;

        [FieldOffset(6)]
        internal ushort st_nlink;

        [FieldOffset(8)]
        internal ulong st_ino;

        [FieldOffset(16)]
        internal uint st_uid;

        [FieldOffset(96)]
        internal long st_size;
    }
}
