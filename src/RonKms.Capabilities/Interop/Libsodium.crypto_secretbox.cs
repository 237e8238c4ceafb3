using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/crypto_secretbox.h: XSalsa20-Poly1305.</content>
internal static partial class Libsodium
{
    internal const int crypto_secretbox_KEYBYTES = 32;
    internal const int crypto_secretbox_NONCEBYTES = 24;
    internal const int crypto_secretbox_MACBYTES = 16;

    /// <summary>Encrypts: c is tag ‖ ciphertext.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_secretbox_easy(
        Span<byte> c, ReadOnlySpan<byte> m, ulong mlen, ReadOnlySpan<byte> n, ReadOnlySpan<byte> k);

    /// <summary>Decrypts. -1 where the tag is wrong.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_secretbox_open_easy(
        Span<byte> m, ReadOnlySpan<byte> c, ulong clen, ReadOnlySpan<byte> n, ReadOnlySpan<byte> k);
}
