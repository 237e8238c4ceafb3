using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/crypto_core_ed25519.h: points of edwards25519.</content>
internal static partial class Libsodium
{
    internal const int crypto_core_ed25519_BYTES = 32;

    /// <summary>Adds two points. -1 where one is not on the curve. The sum's encoding is canonical.</summary>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_core_ed25519_add(Span<byte> r, ReadOnlySpan<byte> p, ReadOnlySpan<byte> q);
}
