using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <summary>stdio.h.</summary>
internal static partial class Libc
{
    /// <summary>Replaces atomically and fails between file systems, where .NET's Move would copy.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int rename(string oldPath, string newPath);
}
