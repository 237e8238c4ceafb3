using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>What a module says of a token. The texts are padded with blanks.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CK_TOKEN_INFO
{
    internal Text32 label;
    internal Text32 manufacturerID;
    internal Text16 model;
    internal Text16 serialNumber;
    internal CULong flags;
    internal CULong ulMaxSessionCount;
    internal CULong ulSessionCount;
    internal CULong ulMaxRwSessionCount;
    internal CULong ulRwSessionCount;
    internal CULong ulMaxPinLen;
    internal CULong ulMinPinLen;
    internal CULong ulTotalPublicMemory;
    internal CULong ulFreePublicMemory;
    internal CULong ulTotalPrivateMemory;
    internal CULong ulFreePrivateMemory;
    internal CK_VERSION hardwareVersion;
    internal CK_VERSION firmwareVersion;
    internal Text16 utcTime;

    // The C structure ends on a boundary of its largest member; a module may fill it to there.
    private readonly uint _padding;

    [InlineArray(32)]
    internal struct Text32
    {
        private byte _first;
    }

    [InlineArray(16)]
    internal struct Text16
    {
        private byte _first;
    }
}
