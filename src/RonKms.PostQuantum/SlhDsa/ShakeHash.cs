using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The functions of the SHAKE parameter sets: FIPS 205, section 11.1. Each is SHAKE256 of its arguments, one after the other.</summary>
/// <remarks>Constant time: a hash of inputs whose lengths are public.</remarks>
internal struct ShakeHash : ITweakableHash<ShakeHash>
{
    private Seed _pkSeed;
    private int _n;
    private State _state;

    /// <inheritdoc/>
    public static ShakeHash Create(ReadOnlySpan<byte> pkSeed)
    {
        ShakeHash hash = default;
        pkSeed.CopyTo(hash._pkSeed);
        hash._n = pkSeed.Length;
        return hash;
    }

    /// <inheritdoc/>
    public void Prf(in Address adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination) => T(in adrs, skSeed, destination);

    /// <inheritdoc/>
    public void F(in Address adrs, ReadOnlySpan<byte> block, Span<byte> destination) => T(in adrs, block, destination);

    /// <inheritdoc/>
    public void T(in Address adrs, ReadOnlySpan<byte> blocks, Span<byte> destination)
    {
        Shake shake = Shake.Shake256(_state);
        shake.Absorb(((ReadOnlySpan<byte>)_pkSeed)[.._n]);
        shake.Absorb(adrs.Bytes);
        shake.Absorb(blocks);
        shake.Squeeze(destination);
    }

    /// <inheritdoc/>
    public void PrfMsg(
        ReadOnlySpan<byte> skPrf, ReadOnlySpan<byte> optRand, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination) =>
        Hash(skPrf, optRand, prefix, message, destination);

    /// <inheritdoc/>
    public void HMsg(
        ReadOnlySpan<byte> r, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination) =>
        Hash(r, publicKey, prefix, message, destination);

    /// <inheritdoc/>
    public void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<ShakeHash>(ref this)));

    private void Hash(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Shake shake = Shake.Shake256(_state);
        shake.Absorb(first);
        shake.Absorb(second);
        shake.Absorb(prefix);
        shake.Absorb(message);
        shake.Squeeze(destination);
    }

    [InlineArray(SlhDsaParameters.MaxN)]
    private struct Seed
    {
        private byte _first;
    }

    [InlineArray(Shake.StateLanes)]
    private struct State
    {
        private ulong _first;
    }
}
