using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>The parameter of AES-GCM, as of version 2.40 with its errata.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct CK_GCM_PARAMS
{
    internal byte* pIv;
    internal CULong ulIvLen;
    internal CULong ulIvBits;
    internal byte* pAAD;
    internal CULong ulAADLen;
    internal CULong ulTagBits;
}
