namespace RonKms.PostQuantum.Keccak;

/// <summary>The extendable-output functions SHAKE128 and SHAKE256, in pieces: FIPS 202, section 6.2.</summary>
/// <remarks>
/// <code>
/// using Shake shake = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
/// shake.Absorb(seed);
/// shake.Absorb([nonce]);
/// shake.Squeeze(output);
/// </code>
/// The state is the caller's and is wiped by <see cref="Dispose"/>. No allocation. The portable code runs everywhere, also where the
/// platform has no SHAKE. Constant time: control flow follows lengths alone.
/// </remarks>
internal ref struct Shake
{
    /// <summary>The lanes of a state that a caller provides.</summary>
    internal const int StateLanes = KeccakPermutation.Lanes;

    /// <summary>The size of a block of SHAKE128 in bytes.</summary>
    internal const int Rate128 = 168;

    /// <summary>The size of a block of SHAKE256 in bytes.</summary>
    internal const int Rate256 = 136;

    // The domain bits 1111, then the padding's first 1.
    private const byte Suffix = 0x1F;

    private KeccakSponge _sponge;

    private Shake(Span<ulong> state, int rate)
    {
        _sponge = new KeccakSponge(state, rate, Suffix);
    }

    /// <summary>Starts SHAKE128.</summary>
    /// <param name="state">Room for the state, exactly <see cref="StateLanes"/> lanes; need not be clear.</param>
    /// <returns>The function, with an empty input.</returns>
    internal static Shake Shake128(Span<ulong> state) => new(state, Rate128);

    /// <summary>Starts SHAKE256.</summary>
    /// <param name="state">Room for the state, exactly <see cref="StateLanes"/> lanes; need not be clear.</param>
    /// <returns>The function, with an empty input.</returns>
    internal static Shake Shake256(Span<ulong> state) => new(state, Rate256);

    /// <summary>SHAKE128 of one piece.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives the output, as long as it is.</param>
    internal static void Hash128(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        using Shake shake = Shake128(stackalloc ulong[StateLanes]);
        shake.Absorb(source);
        shake.Squeeze(destination);
    }

    /// <summary>SHAKE256 of one piece.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives the output, as long as it is.</param>
    internal static void Hash256(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        using Shake shake = Shake256(stackalloc ulong[StateLanes]);
        shake.Absorb(source);
        shake.Squeeze(destination);
    }

    /// <summary>Takes input in.</summary>
    /// <param name="source">The next piece of the input.</param>
    /// <exception cref="InvalidOperationException">Output was already taken.</exception>
    internal void Absorb(scoped ReadOnlySpan<byte> source) => _sponge.Absorb(source);

    /// <summary>Gives output; the first call ends the input.</summary>
    /// <param name="destination">Receives the next piece of the output.</param>
    internal void Squeeze(scoped Span<byte> destination) => _sponge.Squeeze(destination);

    /// <summary>Starts again with an empty input.</summary>
    internal void Reset() => _sponge.Reset();

    /// <summary>Wipes the state.</summary>
    public readonly void Dispose() => _sponge.Wipe();
}
