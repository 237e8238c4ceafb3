using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RonKms.Interop;

/// <summary>sys/file.h.</summary>
internal static partial class Libc
{
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int LOCK_UN = 8;

    [LibraryImport(Library, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int flock(SafeFileHandle fd, int operation);
}
