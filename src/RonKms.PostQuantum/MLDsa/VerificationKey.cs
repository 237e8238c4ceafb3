using System.Runtime.InteropServices;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>A public key made ready to verify: Â, NTT(t1 · 2^d) and tr, over room that the caller owns.</summary>
/// <remarks>All of it is public. Room: <see cref="RoomOf"/> words of 32 bits: 20, 36 and 64 KiB, and 64 bytes.</remarks>
internal readonly ref struct VerificationKey
{
    private readonly Span<int> _tr;

    /// <summary>Lays a key over its room.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="room">The room, of at least <see cref="RoomOf"/> words.</param>
    internal VerificationKey(MLDsaParameters parameters, Span<int> room)
    {
        int matrix = ExpandA.MatrixSize(parameters);
        Parameters = parameters;
        Matrix = room[..matrix];
        T1 = new PolynomialVector(room.Slice(matrix, parameters.K * N));
        _tr = room.Slice(matrix + (parameters.K * N), HashSize / sizeof(int));
    }

    /// <summary>The parameter set.</summary>
    internal MLDsaParameters Parameters { get; }

    /// <summary>Â, row by row, coefficients from 0 to q − 1.</summary>
    internal Span<int> Matrix { get; }

    /// <summary>NTT(t1 · 2^d), coefficients below 10q in absolute value.</summary>
    internal PolynomialVector T1 { get; }

    /// <summary>tr, the hash of the public key.</summary>
    internal Span<byte> Tr => MemoryMarshal.AsBytes(_tr);

    /// <summary>How many words a parameter set needs.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <returns>(kℓ + k) · 256, and 16.</returns>
    internal static int RoomOf(MLDsaParameters parameters) =>
        ExpandA.MatrixSize(parameters) + (parameters.K * N) + (HashSize / sizeof(int));

    /// <summary>Fills the room: FIPS 204, algorithm 8, steps 1, 5 and 6, and a part of 9.</summary>
    /// <param name="publicKey">The encoded public key, of the exact size.</param>
    internal void Decode(ReadOnlySpan<byte> publicKey)
    {
        ExpandA.Fill(Parameters, publicKey[..SeedSize], Matrix);
        for (int i = 0; i < Parameters.K; i++)
        {
            PolynomialPacking.SimpleBitUnpack(publicKey[PackedT1(i)], PolynomialPacking.T1Bits, T1[i]);
            Polynomial.ShiftLeft(T1[i], D);
            Ntt.Forward(T1[i]);
        }

        Shake.Hash256(publicKey, Tr);
    }
}
