using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>A mechanism and its parameter.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct CK_MECHANISM
{
    internal CULong mechanism;
    internal void* pParameter;
    internal CULong ulParameterLen;
}
