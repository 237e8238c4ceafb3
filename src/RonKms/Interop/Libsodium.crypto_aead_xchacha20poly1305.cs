using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/crypto_aead_xchacha20poly1305.h (draft-irtf-cfrg-xchacha).</content>
internal static partial class Libsodium
{
    internal const int crypto_aead_xchacha20poly1305_ietf_KEYBYTES = 32;
    internal const int crypto_aead_xchacha20poly1305_ietf_NPUBBYTES = 24;
    internal const int crypto_aead_xchacha20poly1305_ietf_ABYTES = 16;

    /// <summary>Encrypts; <paramref name="c"/> may be <paramref name="m"/>. <paramref name="maclen_p"/> and <paramref name="nsec"/> are 0.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
        Span<byte> c, Span<byte> mac, nint maclen_p, ReadOnlySpan<byte> m, ulong mlen, ReadOnlySpan<byte> ad, ulong adlen,
        nint nsec, ReadOnlySpan<byte> npub, ReadOnlySpan<byte> k);

    /// <summary>Decrypts; <paramref name="m"/> may be <paramref name="c"/>. -1 where the tag is wrong; <paramref name="nsec"/> is 0.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
        Span<byte> m, nint nsec, ReadOnlySpan<byte> c, ulong clen, ReadOnlySpan<byte> mac, ReadOnlySpan<byte> ad, ulong adlen,
        ReadOnlySpan<byte> npub, ReadOnlySpan<byte> k);
}
