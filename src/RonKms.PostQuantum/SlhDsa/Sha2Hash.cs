using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Sha2;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The functions of the SHA2 parameter sets: FIPS 205, section 11.2.</summary>
/// <remarks>
/// F and PRF are SHA-256; the others are SHA-256 in category 1 (11.2.1) and SHA-512 in categories 3 and 5 (11.2.2). PK.seed and its
/// padding fill a block exactly: its mid-state is computed once, and F and PRF are then one compression each, of all lanes at once.
/// Constant time: hashes of inputs whose lengths are public.
/// </remarks>
/// <typeparam name="TWide">SHA-256 or SHA-512.</typeparam>
internal struct Sha2Hash<TWide> : ITweakableHash<Sha2Hash<TWide>>
    where TWide : struct, ISha2<TWide>
{
    private const int MaxBlockSize = 128;
    private const int MaxHashSize = 64;

    private Sha256 _seeded;
    private TWide _seededWide;

    // Where the work goes on, here so that it is wiped with the rest.
    private TWide _workWide;
    private Room _room;

    /// <inheritdoc/>
    public static int Lanes => Sha256.LaneCount;

    /// <inheritdoc/>
    public static Sha2Hash<TWide> Create(ReadOnlySpan<byte> pkSeed)
    {
        Span<byte> padding = stackalloc byte[MaxBlockSize];
        padding.Clear();
        Sha2Hash<TWide> hash = default;
        hash._seeded = Sha256.Create();
        hash._seeded.Append(pkSeed);
        hash._seeded.Append(padding[..(Sha256.BlockSize - pkSeed.Length)]);
        hash._seededWide = TWide.Create();
        hash._seededWide.Append(pkSeed);
        hash._seededWide.Append(padding[..(TWide.BlockSize - pkSeed.Length)]);
        return hash;
    }

    /// <inheritdoc/>
    public void Prf(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination)
    {
        for (int i = 0; i < adrs.Length; i++)
        {
            skSeed.CopyTo(destination[(i * skSeed.Length)..]);
        }

        F(adrs, destination);
    }

    /// <inheritdoc/>
    public void F(ReadOnlySpan<Address> adrs, Span<byte> blocks)
    {
        Span<byte> compressed = stackalloc byte[HashLanes.Max * Address.CompressedSize];
        _seeded.FinishLanes(Compress(adrs, compressed), blocks, adrs.Length, blocks, MemoryMarshal.AsBytes((Span<ulong>)_room));
    }

    /// <inheritdoc/>
    public void T(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> blocks, Span<byte> destination)
    {
        // SHA-512 has half as many lanes.
        Span<byte> compressed = stackalloc byte[HashLanes.Max * Address.CompressedSize];
        int size = blocks.Length / adrs.Length;
        int n = destination.Length / adrs.Length;
        for (int first = 0; first < adrs.Length; first += TWide.LaneCount)
        {
            int count = Math.Min(TWide.LaneCount, adrs.Length - first);
            _seededWide.FinishLanes(
                Compress(adrs.Slice(first, count), compressed),
                blocks.Slice(first * size, count * size),
                count,
                destination.Slice(first * n, count * n),
                MemoryMarshal.AsBytes((Span<ulong>)_room));
        }
    }

    /// <inheritdoc/>
    public void PrfMsg(
        ReadOnlySpan<byte> skPrf, ReadOnlySpan<byte> optRand, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        // HMAC (FIPS 198-1), in pieces and without the platform's copy of the key. SK.prf is shorter than a block.
        Span<byte> pad = stackalloc byte[MaxBlockSize];
        pad = pad[..TWide.BlockSize];
        Span<byte> inner = stackalloc byte[MaxHashSize];
        inner = inner[..TWide.HashSize];

        FillPad(skPrf, 0x36, pad);
        _workWide = TWide.Create();
        _workWide.Append(pad);
        _workWide.Append(optRand);
        _workWide.Append(prefix);
        _workWide.Append(message);
        _workWide.Finish(inner);

        FillPad(skPrf, 0x5C, pad);
        _workWide = TWide.Create();
        _workWide.Append(pad);
        _workWide.Append(inner);
        _workWide.Finish(destination);
        CryptographicOperations.ZeroMemory(pad);
        CryptographicOperations.ZeroMemory(inner);
    }

    /// <inheritdoc/>
    public void HMsg(
        ReadOnlySpan<byte> r, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Span<byte> digest = stackalloc byte[MaxHashSize];
        digest = digest[..TWide.HashSize];
        _workWide = TWide.Create();
        _workWide.Append(r);
        _workWide.Append(publicKey);
        _workWide.Append(prefix);
        _workWide.Append(message);
        _workWide.Finish(digest);

        // MGF1 (RFC 8017, B.2.1) of R ‖ PK.seed ‖ digest.
        Span<byte> counter = stackalloc byte[sizeof(uint)];
        for (uint i = 0; !destination.IsEmpty; i++)
        {
            int taken = Math.Min(destination.Length, TWide.HashSize);
            BinaryPrimitives.WriteUInt32BigEndian(counter, i);
            _workWide = TWide.Create();
            _workWide.Append(r);
            _workWide.Append(publicKey[..(publicKey.Length / 2)]);
            _workWide.Append(digest);
            _workWide.Append(counter);
            _workWide.Finish(destination[..taken]);
            destination = destination[taken..];
        }
    }

    /// <inheritdoc/>
    public void Wipe()
    {
        _seeded.Wipe();
        _seededWide.Wipe();
        _workWide.Wipe();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes((Span<ulong>)_room));
    }

    // ADRSc of each, one after the other.
    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<Address> adrs, Span<byte> compressed)
    {
        for (int i = 0; i < adrs.Length; i++)
        {
            adrs[i].Compress(compressed[(i * Address.CompressedSize)..]);
        }

        return compressed[..(adrs.Length * Address.CompressedSize)];
    }

    private static void FillPad(ReadOnlySpan<byte> key, byte value, Span<byte> pad)
    {
        pad.Fill(value);
        for (int i = 0; i < key.Length; i++)
        {
            pad[i] ^= key[i];
        }
    }

    [InlineArray(Sha2Lanes<ulong, Sha512Function>.Room / sizeof(ulong))]
    private struct Room
    {
        private ulong _first;
    }
}
