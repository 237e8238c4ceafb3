using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Refuses files and directories that somebody else could read or change.</summary>
/// <remarks>Unix looks at the open handle. Windows looks at the path's access-control list.</remarks>
internal static class PrivateAccess
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Refuses what is not a regular file of the effective user alone.</summary>
    internal static void RequireFile(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            WindowsAccess.Require(path);
            return;
        }

        FileStatus status = FileStatus.Of(file, path);
        RequireRegular(status, path);
        RequireOwner(status.Owner == Libc.geteuid(), status, path);
        Require(status, Others, path, $"chmod 600 {Quoted(path)}");
    }

    /// <summary>Refuses what others could change, or what somebody but the effective user and root owns: whoever owns a file can write it.</summary>
    internal static void RequireMountedSecret(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            WindowsAccess.Require(path);
            return;
        }

        FileStatus status = FileStatus.Of(file, path);
        RequireRegular(status, path);
        RequireOwner(status.Owner == Libc.geteuid() || status.Owner == 0, status, path);
        Require(status, OthersWrite, path, $"chmod go-w {Quoted(path)}");
    }

    /// <summary>Refuses what is not a directory of the effective user alone.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="path">Its path.</param>
    /// <param name="isOfAnchor">Whether it is a rollback anchor's, which may have been named above what belongs to others.</param>
    internal static void RequireDirectory(SafeFileHandle directory, string path, bool isOfAnchor)
    {
        FileStatus status = FileStatus.Of(directory, path);
        string quoted = Quoted(path);
        string named = isOfAnchor ? $"The rollback anchor's directory {path}" : path;
        RequireOwner(status.Owner == Libc.geteuid(), status, path, named);
        Require(status, Others, named, isOfAnchor
            ? $"chmod 700 {quoted} . If others need it, name a directory below it that does not exist yet."
            : $"find {quoted} -type d -exec chmod 700 {{}} + ; find {quoted} -type f -exec chmod 600 {{}} +");
    }

    private static void RequireRegular(FileStatus status, string path)
    {
        if (!status.IsRegularFile)
        {
            throw new KmsException(KmsError.StoreFailed, $"{path} is not a regular file. Move away what lies there.");
        }
    }

    private static void RequireOwner(bool isOurs, FileStatus status, string path, string? named = null)
    {
        if (!isOurs)
        {
            throw new KmsException(
                KmsError.PermissionsTooWide,
                $"{named ?? path} belongs to user {status.Owner}, but this process runs as user {Libc.geteuid()}. "
                + $"Run as its owner, or hand it over: chown {Libc.geteuid()} {Quoted(path)}");
        }
    }

    /// <summary>A path as a shell takes it.</summary>
    private static string Quoted(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void Require(FileStatus status, UnixFileMode forbidden, string named, string command)
    {
        if ((status.Permissions & forbidden) != 0)
        {
            string found = Convert.ToString((int)status.Permissions, 8);
            throw new KmsException(
                KmsError.PermissionsTooWide,
                $"{named} has mode {found} and is open to other users. Find out who could have used it, then run: {command}");
        }
    }
}
