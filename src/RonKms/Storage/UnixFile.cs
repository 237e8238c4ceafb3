using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Opens what exists on Unix. .NET's own opening follows links and takes locks of its own.</summary>
internal static class UnixFile
{
    /// <summary>Opens a file or directory. A link in its place is refused unless it may be followed.</summary>
    /// <returns>The handle, or <see langword="null"/> where there is none.</returns>
    internal static SafeFileHandle? Open(string path, int flags, bool followLink)
    {
        // Without O_NONBLOCK a pipe lying there would hold the process until somebody writes to it.
        int all = flags | Libc.O_CLOEXEC | Libc.O_NONBLOCK | (followLink ? 0 : Libc.O_NOFOLLOW);
        int error;
        do
        {
            SafeFileHandle file = Libc.open(path, all);
            if (!file.IsInvalid) return file;

            error = Marshal.GetLastPInvokeError();
            file.Dispose();
        }
        while (error == Libc.EINTR);

        if (error == Libc.ENOENT) return null;

        // Asked for a directory, the kernel says "not a directory" of a link that it must not follow.
        if (!followLink && (error == Libc.ELOOP || error == Libc.ENOTDIR) && new FileInfo(path).LinkTarget is not null) throw IsLink(path);
        throw StoreFailure.Worded("open", path, Marshal.GetPInvokeErrorMessage(error), error, null);
    }

    private static KmsException IsLink(string path) => new(
        KmsError.StoreFailed,
        $"{path} is a symbolic link, and following it could lead to somebody else's file. Put the file or directory itself there.");
}
