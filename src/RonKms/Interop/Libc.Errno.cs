namespace RonKms.Interop;

/// <summary>errno.h: the numbers that a caller tells apart. They differ between Linux and macOS.</summary>
/// <remarks>Every import asks for the system's directories only: a libc lying beside the application is not the system's.</remarks>
internal static partial class Libc
{
    private const string Library = "libc";

    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;

    internal static int EWOULDBLOCK => OperatingSystem.IsMacOS() ? 35 : 11;

    internal static int ENOSYS => OperatingSystem.IsMacOS() ? 78 : 38;

    internal static int ENOTSUP => OperatingSystem.IsMacOS() ? 45 : 95;

    internal static int ELOOP => OperatingSystem.IsMacOS() ? 62 : 40;

    internal static int EDQUOT => OperatingSystem.IsMacOS() ? 69 : 122;
}
