using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/utils.h: base64 whose time does not depend on what is encoded.</content>
internal static partial class Libsodium
{
    /// <summary>The standard alphabet, padded (RFC 4648, section 4).</summary>
    internal const int sodium_base64_VARIANT_ORIGINAL = 1;

    /// <summary>Encodes bytes; the text is ended by a zero byte.</summary>
    /// <param name="b64">Receives the text.</param>
    /// <param name="b64_maxlen">Its room, the zero byte counted.</param>
    /// <param name="bin">The bytes.</param>
    /// <param name="bin_len">How many.</param>
    /// <param name="variant"><see cref="sodium_base64_VARIANT_ORIGINAL"/>.</param>
    /// <returns>The text's address; the process is aborted where the room is too small.</returns>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint sodium_bin2base64(Span<byte> b64, nuint b64_maxlen, ReadOnlySpan<byte> bin, nuint bin_len, int variant);

    /// <summary>Decodes text, strictly: padding must be right and unused bits zero. -1 where it is not base64, or too long.</summary>
    /// <param name="bin">Receives the bytes.</param>
    /// <param name="bin_maxlen">Its room.</param>
    /// <param name="b64">The text.</param>
    /// <param name="b64_len">Its length.</param>
    /// <param name="ignore">Characters to pass over, or 0.</param>
    /// <param name="bin_len">Receives how many bytes there are.</param>
    /// <param name="b64_end">0, so that anything after the base64 is an error.</param>
    /// <param name="variant"><see cref="sodium_base64_VARIANT_ORIGINAL"/>.</param>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int sodium_base642bin(
        Span<byte> bin, nuint bin_maxlen, ReadOnlySpan<byte> b64, nuint b64_len, nint ignore, out nuint bin_len, nint b64_end, int variant);
}
