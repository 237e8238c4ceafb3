using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RonKms.Interop;

/// <summary>fcntl.h. The flags differ by system, and on Linux by processor.</summary>
internal static partial class Libc
{
    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;

    /// <summary>macOS: asks the drive itself to empty its cache, which its fsync does not.</summary>
    internal const int F_FULLFSYNC = 51;

    internal static int O_NONBLOCK => OperatingSystem.IsMacOS() ? 0x4 : 0x800;

    internal static int O_APPEND => OperatingSystem.IsMacOS() ? 0x8 : 0x400;

    internal static int O_NOFOLLOW => OperatingSystem.IsMacOS() ? 0x100 : HasArmFlags ? 0x8000 : 0x20000;

    internal static int O_DIRECTORY => OperatingSystem.IsMacOS() ? 0x100000 : HasArmFlags ? 0x4000 : 0x10000;

    internal static int O_CLOEXEC => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    // The kernel's generic values hold for x86, s390, RISC-V and LoongArch; these four have their own.
    private static bool HasArmFlags => RuntimeInformation.ProcessArchitecture
        is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6 or Architecture.Ppc64le;

    /// <summary>Opens what exists. The C function is variadic, so that a mode could not be passed portably: never with O_CREAT.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial SafeFileHandle open(string path, int flags);

    /// <summary>Only for commands without an argument: the C function is variadic.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int fcntl(SafeFileHandle fd, int cmd);
}
