using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>How a module is initialised.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_C_INITIALIZE_ARGS
{
    internal nint CreateMutex;
    internal nint DestroyMutex;
    internal nint LockMutex;
    internal nint UnlockMutex;
    internal CULong flags;
    internal nint pReserved;
}
