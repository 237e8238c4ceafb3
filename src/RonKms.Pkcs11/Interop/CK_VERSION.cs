using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>A version.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_VERSION
{
    internal byte major;
    internal byte minor;
}
