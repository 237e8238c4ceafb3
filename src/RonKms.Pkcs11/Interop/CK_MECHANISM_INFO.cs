using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>What a token says of a mechanism.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_MECHANISM_INFO
{
    internal CULong ulMinKeySize;
    internal CULong ulMaxKeySize;
    internal CULong flags;
}
