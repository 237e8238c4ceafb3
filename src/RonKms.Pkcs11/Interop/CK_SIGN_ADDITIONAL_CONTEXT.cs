using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>The parameter of ML-DSA: a context string, and whether the signature is randomised.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct CK_SIGN_ADDITIONAL_CONTEXT
{
    internal CULong hedgeVariant;
    internal byte* pContext;
    internal CULong ulContextLen;
}
