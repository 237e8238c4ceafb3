using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/utils.h: guarded memory. <see href="https://doc.libsodium.org/memory_management"/></content>
internal static partial class Libsodium
{
    /// <summary>Overwrites memory with zeros, in a way no compiler removes.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void sodium_memzero(nint pnt, nuint len);

    /// <summary>Locks memory and keeps it out of core dumps. -1 where the system refuses to lock.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int sodium_mlock(nint addr, nuint len);

    /// <summary>Allocates memory between guard pages, locked if the system allows it. 0 where there is none.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint sodium_malloc(nuint size);

    /// <summary>Wipes and unmaps what <see cref="sodium_malloc"/> gave; ends the process where its canary was overwritten.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void sodium_free(nint ptr);
}
