using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>An attribute of an object. Packed to one byte as the standard asks on Windows; elsewhere the members leave no gap anyway.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct CK_ATTRIBUTE
{
    internal CULong type;
    internal void* pValue;
    internal CULong ulValueLen;
}
