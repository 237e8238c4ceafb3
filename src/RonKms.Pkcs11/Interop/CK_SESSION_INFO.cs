using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>What a module says of a session.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_SESSION_INFO
{
    internal CULong slotID;
    internal CULong state;
    internal CULong flags;
    internal CULong ulDeviceError;
}
