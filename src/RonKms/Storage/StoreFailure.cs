using System.Runtime.InteropServices;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Words a failed file operation: what was tried, on which path, why it failed and what to do.</summary>
internal static class StoreFailure
{
    /// <summary>Whether an exception is how .NET tells of a failed file operation.</summary>
    internal static bool IsFileFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    /// <summary>Whether the system failed, as it may for a moment; otherwise what lies there was found to be wrong.</summary>
    internal static bool IsOfSystem(KmsException failure) => failure.InnerException is { } cause && IsFileFailure(cause);

    internal static KmsException Of(string action, string path, Exception cause)
    {
        // On Unix .NET hands the error number on in HResult, except where it has a type of its own.
        int error = cause switch
        {
            UnauthorizedAccessException => Libc.EACCES,
            FileNotFoundException or DirectoryNotFoundException => Libc.ENOENT,
            _ when OperatingSystem.IsWindows() => 0,
            _ => cause.HResult,
        };

        // .NET's own message would name the path again.
        string reason = error > 0 && !OperatingSystem.IsWindows() ? Marshal.GetPInvokeErrorMessage(error) : cause.Message;
        return Worded(action, path, reason, error, cause);
    }

    /// <summary>The failure of the C call just made.</summary>
    internal static KmsException OfCall(string action, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return Worded(action, path, Marshal.GetPInvokeErrorMessage(error), error, null);
    }

    internal static KmsException Worded(string action, string path, string reason, int error, Exception? cause) =>
        new(KmsError.StoreFailed, $"Could not {action} {path}: {reason.TrimEnd('.')}. {Advice(error)}", cause ?? new IOException(reason, error));

    private static string Advice(int error)
    {
        if (error == Libc.ENOSPC || error == Libc.EDQUOT) return "The disk is full. Free space on that file system or raise the quota.";
        return error switch
        {
            Libc.EROFS => "The file system is read-only: mount it writable.",
            Libc.EACCES or Libc.EPERM => "Check the owner and mode of the path and of every directory above it.",
            Libc.ENOENT => "Check that the path and the directory above it exist, and that everything is mounted.",
            Libc.ENOTDIR => "Something else lies where a directory is expected: move it away.",
            Libc.EISDIR => "A directory lies where a file is expected: move it away.",
            Libc.EEXIST => "Something lies there already: move it away.",
            _ => "Check the file system and the system's log.",
        };
    }
}
