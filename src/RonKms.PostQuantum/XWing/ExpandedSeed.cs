using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.XWing;

/// <summary>What X-Wing's seed stands for: SHAKE256 of it, 96 bytes, over room that the caller owns and wipes.</summary>
/// <remarks>expandDecapsulationKey of draft-connolly-cfrg-xwing-kem-10, section 5.2. Constant time, as SHAKE is.</remarks>
internal readonly ref struct ExpandedSeed
{
    /// <summary>The room needed, in bytes.</summary>
    internal const int Size = XWingSizes.MLKemSeed + XWingSizes.X25519;

    private readonly ReadOnlySpan<byte> _expanded;

    /// <summary>Expands a seed.</summary>
    /// <param name="seed">The seed, 32 bytes.</param>
    /// <param name="room">Receives the expansion, <see cref="Size"/> bytes.</param>
    internal ExpandedSeed(ReadOnlySpan<byte> seed, Span<byte> room)
    {
        Shake.Hash256(seed, room);
        _expanded = room;
    }

    /// <summary>d ‖ z of ML-KEM-768.</summary>
    internal ReadOnlySpan<byte> MLKemSeed => _expanded[..XWingSizes.MLKemSeed];

    /// <summary>sk_X.</summary>
    internal ReadOnlySpan<byte> Scalar => _expanded[XWingSizes.MLKemSeed..];
}
