using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>An interface of a module of version 3.0 or later.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct CK_INTERFACE
{
    internal byte* pInterfaceName;
    internal byte* pFunctionList;
    internal CULong flags;
}
