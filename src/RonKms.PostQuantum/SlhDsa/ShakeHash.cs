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
    private States _states;

    /// <inheritdoc/>
    public static int Lanes => ShakeLanes.Count;

    /// <inheritdoc/>
    public static ShakeHash Create(ReadOnlySpan<byte> pkSeed)
    {
        ShakeHash hash = default;
        pkSeed.CopyTo(hash._pkSeed);
        hash._n = pkSeed.Length;
        return hash;
    }

    /// <inheritdoc/>
    public void Prf(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination)
    {
        for (int i = 0; i < adrs.Length; i++)
        {
            skSeed.CopyTo(destination[(i * _n)..]);
        }

        T(adrs, destination, destination);
    }

    /// <inheritdoc/>
    public void F(ReadOnlySpan<Address> adrs, Span<byte> blocks) => T(adrs, blocks, blocks);

    /// <inheritdoc/>
    public void T(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> blocks, Span<byte> destination)
    {
        ReadOnlySpan<byte> pkSeed = ((ReadOnlySpan<byte>)_pkSeed)[.._n];
        ShakeLanes shakes = new(_states, Shake.Rate256);
        shakes.Clear();
        int head = _n + Address.Size;
        int size = blocks.Length / adrs.Length;
        for (int start = 0; start <= head + size; start += Shake.Rate256)
        {
            int at = start == 0 ? head : 0;
            int from = start + at - head;
            int taken = Math.Min(size - from, Shake.Rate256 - at);
            for (int lane = 0; lane < adrs.Length; lane++)
            {
                if (start == 0)
                {
                    shakes.Xor(lane, 0, pkSeed);
                    shakes.Xor(lane, _n, adrs[lane].Bytes);
                }

                shakes.Xor(lane, at, blocks.Slice((lane * size) + from, taken));
            }

            if (head + size - start < Shake.Rate256)
            {
                shakes.Pad(head + size - start);
            }

            shakes.Permute();
        }

        for (int lane = 0; lane < adrs.Length; lane++)
        {
            shakes.Read(lane, destination.Slice(lane * _n, _n));
        }
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
        Shake shake = Shake.Shake256(((Span<ulong>)_states)[..Shake.StateLanes]);
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

    [InlineArray(ShakeLanes.StateWords)]
    private struct States
    {
        private ulong _first;
    }
}
