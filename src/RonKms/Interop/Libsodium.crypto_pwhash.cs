using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <content>sodium/crypto_pwhash.h: Argon2id version 1.3 (RFC 9106), parallelism 1.</content>
internal static partial class Libsodium
{
    internal const int crypto_pwhash_ALG_ARGON2ID13 = 2;
    internal const int crypto_pwhash_SALTBYTES = 16;

    /// <summary>Derives a key from a passphrase. -1 where there is not enough memory, or a parameter is out of libsodium's range.</summary>
    /// <param name="out">Receives the key.</param>
    /// <param name="outlen">Its length, at least 16.</param>
    /// <param name="passwd">The passphrase.</param>
    /// <param name="passwdlen">Its length.</param>
    /// <param name="salt">Exactly <see cref="crypto_pwhash_SALTBYTES"/> bytes.</param>
    /// <param name="opslimit">Passes over the memory.</param>
    /// <param name="memlimit">Memory in bytes (not KiB).</param>
    /// <param name="alg"><see cref="crypto_pwhash_ALG_ARGON2ID13"/>.</param>
    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int crypto_pwhash(
        Span<byte> @out, ulong outlen, ReadOnlySpan<byte> passwd, ulong passwdlen, ReadOnlySpan<byte> salt, ulong opslimit,
        nuint memlimit, int alg);
}
