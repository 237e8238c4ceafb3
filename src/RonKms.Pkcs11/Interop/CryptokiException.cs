using System.Diagnostics.CodeAnalysis;

namespace RonKms.Pkcs11.Interop;

/// <summary>A function of a PKCS#11 module that did not return CKR_OK. Never leaves this package: callers get a <see cref="KmsException"/>.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Always made from a return code.")]
internal sealed class CryptokiException : Exception
{
    internal CryptokiException(CKR code, string function)
        : base($"{function} returned {NameOf(code)}")
    {
        Code = code;
    }

    /// <summary>What was returned.</summary>
    internal CKR Code { get; }

    private static string NameOf(CKR code) => Enum.IsDefined(code) ? code.ToString() : $"0x{(ulong)code:X8}";
}
