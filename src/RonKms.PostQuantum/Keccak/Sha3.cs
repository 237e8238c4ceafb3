namespace RonKms.PostQuantum.Keccak;

/// <summary>The hash functions SHA3-224, SHA3-256, SHA3-384 and SHA3-512 in one call: FIPS 202, section 6.1.</summary>
/// <remarks>
/// No allocation; the state is wiped. The portable code runs everywhere, also where the platform has no SHA-3. Constant time: control
/// flow follows lengths alone.
/// </remarks>
internal static class Sha3
{
    // The domain bits 01, then the padding's first 1.
    private const byte Suffix = 0x06;
    private const int StateSize = KeccakPermutation.Lanes * sizeof(ulong);

    /// <summary>SHA3-224.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives exactly 28 bytes.</param>
    internal static void Hash224(ReadOnlySpan<byte> source, Span<byte> destination) => Hash(source, destination, 28);

    /// <summary>SHA3-256.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives exactly 32 bytes.</param>
    internal static void Hash256(ReadOnlySpan<byte> source, Span<byte> destination) => Hash(source, destination, 32);

    /// <summary>SHA3-384.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives exactly 48 bytes.</param>
    internal static void Hash384(ReadOnlySpan<byte> source, Span<byte> destination) => Hash(source, destination, 48);

    /// <summary>SHA3-512.</summary>
    /// <param name="source">The input.</param>
    /// <param name="destination">Receives exactly 64 bytes.</param>
    internal static void Hash512(ReadOnlySpan<byte> source, Span<byte> destination) => Hash(source, destination, 64);

    private static void Hash(ReadOnlySpan<byte> source, Span<byte> destination, int size)
    {
        if (destination.Length != size)
        {
            throw new ArgumentException($"The hash has {size} bytes.", nameof(destination));
        }

        // The capacity is twice the size of the hash.
        KeccakSponge sponge = new(stackalloc ulong[KeccakPermutation.Lanes], StateSize - (2 * size), Suffix);
        sponge.Absorb(source);
        sponge.Squeeze(destination);
        sponge.Wipe();
    }
}
