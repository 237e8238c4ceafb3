using RonKms.PostQuantum.Sha2;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>SLH-DSA under one parameter set: FIPS 205, sections 9 and 10.</summary>
/// <remarks>Holds nothing secret; thread-safe. Messages are taken as a prefix and a rest, so that none is ever copied.</remarks>
internal abstract class SlhDsaScheme
{
    /// <summary>The largest context in bytes.</summary>
    internal const int MaxContextSize = 255;

    private const byte Pure = 0;
    private const byte PreHashed = 1;
    private const int OidSize = 11;
    private const int MaxPrefixSize = 2 + MaxContextSize + OidSize;

    private protected SlhDsaScheme(SlhDsaParameters parameters)
    {
        Parameters = parameters;
    }

    /// <summary>The parameter set.</summary>
    internal SlhDsaParameters Parameters { get; }

    /// <summary>How many threads a signature may take; set once, at the start.</summary>
    internal int Threads { get; set; } = 1;

    /// <summary>The scheme of a parameter set.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <returns>The scheme.</returns>
    internal static SlhDsaScheme For(SlhDsaParameters parameters) => parameters switch
    {
        { IsShake: true } => new SlhDsaScheme<ShakeHash>(parameters),
        { N: 16 } => new SlhDsaScheme<Sha2Hash<Sha256>>(parameters),
        _ => new SlhDsaScheme<Sha2Hash<Sha512>>(parameters),
    };

    /// <summary>Algorithm 18, slh_keygen_internal: completes a private key.</summary>
    /// <param name="privateKey">SK.seed ‖ SK.prf ‖ PK.seed, and n bytes that receive PK.root. The public key is its second half.</param>
    internal void KeyGen(Span<byte> privateKey) =>
        ComputeRoot(privateKey[..Parameters.N], privateKey.Slice(2 * Parameters.N, Parameters.N), privateKey[(3 * Parameters.N)..]);

    /// <summary>Lines 1 to 3 of algorithm 18: PK.root.</summary>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="pkSeed">PK.seed.</param>
    /// <param name="root">Receives PK.root, n bytes.</param>
    internal abstract void ComputeRoot(ReadOnlySpan<byte> skSeed, ReadOnlySpan<byte> pkSeed, Span<byte> root);

    /// <summary>Algorithm 19, slh_sign_internal.</summary>
    /// <param name="prefix">The beginning of M.</param>
    /// <param name="message">The rest of M.</param>
    /// <param name="privateKey">SK, 4n bytes.</param>
    /// <param name="addrnd">addrnd, n fresh random bytes; PK.seed in the deterministic variant.</param>
    /// <param name="signature">Receives the signature; wiped on failure.</param>
    internal abstract void SignInternal(
        ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> addrnd, Span<byte> signature);

    /// <summary>Algorithm 20, slh_verify_internal.</summary>
    /// <param name="prefix">The beginning of M.</param>
    /// <param name="message">The rest of M.</param>
    /// <param name="signature">The signature, of any length.</param>
    /// <param name="publicKey">PK, 2n bytes.</param>
    /// <returns>Whether the signature is good.</returns>
    internal abstract bool VerifyInternal(
        ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey);

    /// <summary>Algorithm 22, slh_sign, from line 8.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">The context, at most 255 bytes.</param>
    /// <param name="privateKey">SK, 4n bytes.</param>
    /// <param name="addrnd">addrnd, n bytes.</param>
    /// <param name="signature">Receives the signature; wiped on failure.</param>
    internal void Sign(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> addrnd, Span<byte> signature)
    {
        Span<byte> prefix = stackalloc byte[MaxPrefixSize];
        SignInternal(prefix[..WritePrefix(Pure, context, oid: [], prefix)], message, privateKey, addrnd, signature);
    }

    /// <summary>Algorithm 23, hash_slh_sign, from line 24. The caller hashes the message.</summary>
    /// <param name="digest">PH_M, the hash of the message.</param>
    /// <param name="function">PH, the hash function.</param>
    /// <param name="context">The context, at most 255 bytes.</param>
    /// <param name="privateKey">SK, 4n bytes.</param>
    /// <param name="addrnd">addrnd, n bytes.</param>
    /// <param name="signature">Receives the signature; wiped on failure.</param>
    internal void SignPreHashed(
        ReadOnlySpan<byte> digest,
        PreHashFunction function,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> privateKey,
        ReadOnlySpan<byte> addrnd,
        Span<byte> signature)
    {
        Span<byte> prefix = stackalloc byte[MaxPrefixSize];
        SignInternal(prefix[..WritePrefix(PreHashed, context, function.EncodedOid, prefix)], digest, privateKey, addrnd, signature);
    }

    /// <summary>Algorithm 24, slh_verify.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">The context, at most 255 bytes.</param>
    /// <param name="signature">The signature, of any length.</param>
    /// <param name="publicKey">PK, 2n bytes.</param>
    /// <returns>Whether the signature is good.</returns>
    internal bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> prefix = stackalloc byte[MaxPrefixSize];
        return VerifyInternal(prefix[..WritePrefix(Pure, context, oid: [], prefix)], message, signature, publicKey);
    }

    /// <summary>Algorithm 25, hash_slh_verify. The caller hashes the message.</summary>
    /// <param name="digest">PH_M, the hash of the message.</param>
    /// <param name="function">PH, the hash function.</param>
    /// <param name="context">The context, at most 255 bytes.</param>
    /// <param name="signature">The signature, of any length.</param>
    /// <param name="publicKey">PK, 2n bytes.</param>
    /// <returns>Whether the signature is good.</returns>
    internal bool VerifyPreHashed(
        ReadOnlySpan<byte> digest,
        PreHashFunction function,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> signature,
        ReadOnlySpan<byte> publicKey)
    {
        Span<byte> prefix = stackalloc byte[MaxPrefixSize];
        return VerifyInternal(prefix[..WritePrefix(PreHashed, context, function.EncodedOid, prefix)], digest, signature, publicKey);
    }

    // toByte(domain, 1) ‖ toByte(|ctx|, 1) ‖ ctx ‖ OID: algorithm 22, lines 1 to 3 and 8; algorithm 23, lines 1 to 3 and 24.
    private static int WritePrefix(byte domain, ReadOnlySpan<byte> context, ReadOnlySpan<byte> oid, Span<byte> prefix)
    {
        if (context.Length > MaxContextSize)
        {
            throw new ArgumentException($"A context has at most {MaxContextSize} bytes.", nameof(context));
        }

        prefix[0] = domain;
        prefix[1] = (byte)context.Length;
        context.CopyTo(prefix[2..]);
        oid.CopyTo(prefix[(2 + context.Length)..]);
        return 2 + context.Length + oid.Length;
    }
}
