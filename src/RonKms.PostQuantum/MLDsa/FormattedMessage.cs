using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>M′, what is really signed: FIPS 204, step 10 of algorithms 2 and 3, step 23 of algorithm 4, step 18 of algorithm 5.</summary>
/// <remarks>Holds the parts and never their concatenation, so that a message is not copied.</remarks>
internal readonly ref struct FormattedMessage
{
    private readonly ReadOnlySpan<byte> _domain;
    private readonly ReadOnlySpan<byte> _context;
    private readonly ReadOnlySpan<byte> _hashOid;
    private readonly ReadOnlySpan<byte> _content;

    private FormattedMessage(
        ReadOnlySpan<byte> domain, ReadOnlySpan<byte> context, ReadOnlySpan<byte> hashOid, ReadOnlySpan<byte> content)
    {
        _domain = domain;
        _context = context;
        _hashOid = hashOid;
        _content = content;
    }

    /// <summary>ML-DSA: 0 ‖ |ctx| ‖ ctx ‖ M.</summary>
    /// <param name="message">M.</param>
    /// <param name="context">ctx, at most 255 bytes.</param>
    /// <returns>M′.</returns>
    internal static FormattedMessage Pure(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context) => new([0], context, default, message);

    /// <summary>HashML-DSA: 1 ‖ |ctx| ‖ ctx ‖ OID ‖ PH(M).</summary>
    /// <param name="digest">PH(M).</param>
    /// <param name="function">PH.</param>
    /// <param name="context">ctx, at most 255 bytes.</param>
    /// <returns>M′.</returns>
    internal static FormattedMessage PreHash(ReadOnlySpan<byte> digest, PreHashFunction function, ReadOnlySpan<byte> context) =>
        new([1], context, function.EncodedOid, digest);

    /// <summary>A message already formatted, as the standard's internal functions take it.</summary>
    /// <param name="formatted">M′.</param>
    /// <returns>The same.</returns>
    internal static FormattedMessage Whole(ReadOnlySpan<byte> formatted) => new(default, default, default, formatted);

    /// <summary>μ ← H(tr ‖ M′, 64): step 6 of algorithm 7, step 7 of algorithm 8.</summary>
    /// <param name="tr">The hash of the public key.</param>
    /// <param name="mu">Receives the 64 bytes of the message representative.</param>
    internal void HashTo(ReadOnlySpan<byte> tr, Span<byte> mu)
    {
        using Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        h.Absorb(tr);
        if (!_domain.IsEmpty)
        {
            h.Absorb(_domain);
            h.Absorb([(byte)_context.Length]);
            h.Absorb(_context);
            h.Absorb(_hashOid);
        }

        h.Absorb(_content);
        h.Squeeze(mu);
    }
}
