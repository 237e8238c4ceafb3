using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>The parameter of RSA-PSS.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_RSA_PKCS_PSS_PARAMS
{
    internal CULong hashAlg;
    internal CULong mgf;
    internal CULong sLen;
}
