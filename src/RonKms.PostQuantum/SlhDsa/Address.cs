using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>ADRS, the place of a hash in the structure of a key, 32 bytes: FIPS 205, section 4.2. Holds nothing secret.</summary>
/// <remarks>Layer 4 bytes, tree 12, type 4, then three words that depend on the type; all big-endian.</remarks>
[InlineArray(Size)]
internal struct Address
{
    /// <summary>The size in bytes.</summary>
    internal const int Size = 32;

    /// <summary>The size of the compressed form in bytes.</summary>
    internal const int CompressedSize = 22;

    private const int TypeStart = 16;
    private const int KeyPairStart = 20;

    private byte _first;

    /// <summary>The address as the SHAKE functions take it.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in _first, Size);

    [UnscopedRef]
    private Span<byte> Writable => MemoryMarshal.CreateSpan(ref _first, Size);

    /// <summary>ADRSc, the form that the SHA-2 functions take: FIPS 205, section 11.2.</summary>
    /// <param name="destination">Receives <see cref="CompressedSize"/> bytes.</param>
    internal readonly void Compress(Span<byte> destination)
    {
        ReadOnlySpan<byte> bytes = Bytes;
        destination = destination[..CompressedSize];
        destination[0] = bytes[3];
        bytes[8..16].CopyTo(destination[1..]);
        destination[9] = bytes[19];
        bytes[20..32].CopyTo(destination[10..]);
    }

    internal void SetLayerAddress(int layer) => BinaryPrimitives.WriteInt32BigEndian(Writable, layer);

    // No parameter set has more than 2^64 trees in a layer, so that the first four bytes stay zero.
    internal void SetTreeAddress(ulong tree) => BinaryPrimitives.WriteUInt64BigEndian(Writable[8..], tree);

    internal void SetTypeAndClear(AddressType type)
    {
        BinaryPrimitives.WriteInt32BigEndian(Writable[TypeStart..], (int)type);
        Writable[KeyPairStart..].Clear();
    }

    internal void SetKeyPairAddress(int keyPair) => BinaryPrimitives.WriteInt32BigEndian(Writable[KeyPairStart..], keyPair);

    internal readonly int GetKeyPairAddress() => BinaryPrimitives.ReadInt32BigEndian(Bytes[KeyPairStart..]);

    internal void SetChainAddress(int chain) => Set(AddressWord.ChainOrHeight, (uint)chain);

    internal void SetTreeHeight(int height) => Set(AddressWord.ChainOrHeight, (uint)height);

    internal void SetHashAddress(int step) => Set(AddressWord.HashOrIndex, (uint)step);

    internal void SetTreeIndex(uint index) => Set(AddressWord.HashOrIndex, index);

    internal readonly uint GetTreeIndex() => Get(AddressWord.HashOrIndex);

    internal readonly uint Get(AddressWord word) => BinaryPrimitives.ReadUInt32BigEndian(Bytes[(int)word..]);

    internal void Set(AddressWord word, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Writable[(int)word..], value);
}
