using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Keccak;

/// <summary>The permutation Keccak-f[1600], 24 rounds: FIPS 202, section 3.3.</summary>
/// <remarks>
/// The one place where the hash functions spend their time. A state is 25 lanes, lane (x, y) at x + 5y, in the machine's byte order. One
/// text for a single state and for several side by side, which take as long as one where a vector has room for them.
/// Constant time: exclusive or, and-not and rotations by constants; no branch or index depends on the state.
/// </remarks>
internal static class KeccakPermutation
{
    /// <summary>The lanes of a state, 64 bits each.</summary>
    internal const int Lanes = 25;

    // ι: FIPS 202, section 3.2.5.
    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>How many states the widest form permutes at once: 8 with AVX-512, 4 with AVX2, 2 with any vectors, otherwise 1.</summary>
    internal static int Width =>
        Vector512.IsHardwareAccelerated ? 8 : Vector256.IsHardwareAccelerated ? 4 : Vector128.IsHardwareAccelerated ? 2 : 1;

    /// <summary>Permutes a state in place.</summary>
    /// <param name="state">The state, exactly <see cref="Lanes"/> lanes.</param>
    internal static void Permute(Span<ulong> state) => Permute<ulong, Lane<ulong>>(state);

    /// <summary>Permutes as many states as there is <see cref="Width"/>, in place.</summary>
    /// <param name="states">The first lane of each state, then the second of each, and so on.</param>
    internal static void PermuteAll(Span<ulong> states)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Permute<Vector512<ulong>, Lanes512<ulong>>(MemoryMarshal.Cast<ulong, Vector512<ulong>>(states));
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Permute<Vector256<ulong>, Lanes256<ulong>>(MemoryMarshal.Cast<ulong, Vector256<ulong>>(states));
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Permute<Vector128<ulong>, Lanes128<ulong>>(MemoryMarshal.Cast<ulong, Vector128<ulong>>(states));
        }
        else
        {
            Permute(states);
        }
    }

    /// <summary>Permutes states in place, at one width.</summary>
    /// <typeparam name="TVector">One lane of each state.</typeparam>
    /// <typeparam name="TLanes">The width.</typeparam>
    /// <param name="state">The states, exactly <see cref="Lanes"/> vectors.</param>
    internal static void Permute<TVector, TLanes>(Span<TVector> state)
        where TVector : struct
        where TLanes : ILanes<TVector, ulong>
    {
        // One check here, none at the lanes.
        state = state[..Lanes];
        TVector a0 = state[0];
        TVector a1 = state[1];
        TVector a2 = state[2];
        TVector a3 = state[3];
        TVector a4 = state[4];
        TVector a5 = state[5];
        TVector a6 = state[6];
        TVector a7 = state[7];
        TVector a8 = state[8];
        TVector a9 = state[9];
        TVector a10 = state[10];
        TVector a11 = state[11];
        TVector a12 = state[12];
        TVector a13 = state[13];
        TVector a14 = state[14];
        TVector a15 = state[15];
        TVector a16 = state[16];
        TVector a17 = state[17];
        TVector a18 = state[18];
        TVector a19 = state[19];
        TVector a20 = state[20];
        TVector a21 = state[21];
        TVector a22 = state[22];
        TVector a23 = state[23];
        TVector a24 = state[24];

        foreach (ulong constant in RoundConstants)
        {
            // θ
            TVector c0 = TLanes.Xor(TLanes.Xor(a0, a5, a10), a15, a20);
            TVector c1 = TLanes.Xor(TLanes.Xor(a1, a6, a11), a16, a21);
            TVector c2 = TLanes.Xor(TLanes.Xor(a2, a7, a12), a17, a22);
            TVector c3 = TLanes.Xor(TLanes.Xor(a3, a8, a13), a18, a23);
            TVector c4 = TLanes.Xor(TLanes.Xor(a4, a9, a14), a19, a24);
            TVector d0 = TLanes.Xor(c4, TLanes.RotateRight(c1, 64 - 1));
            TVector d1 = TLanes.Xor(c0, TLanes.RotateRight(c2, 64 - 1));
            TVector d2 = TLanes.Xor(c1, TLanes.RotateRight(c3, 64 - 1));
            TVector d3 = TLanes.Xor(c2, TLanes.RotateRight(c4, 64 - 1));
            TVector d4 = TLanes.Xor(c3, TLanes.RotateRight(c0, 64 - 1));

            // ρ and π: B[y, 2x + 3y] = A[x, y] rotated by the offset of its lane.
            TVector b0 = TLanes.Xor(a0, d0);
            TVector b1 = TLanes.RotateRight(TLanes.Xor(a6, d1), 64 - 44);
            TVector b2 = TLanes.RotateRight(TLanes.Xor(a12, d2), 64 - 43);
            TVector b3 = TLanes.RotateRight(TLanes.Xor(a18, d3), 64 - 21);
            TVector b4 = TLanes.RotateRight(TLanes.Xor(a24, d4), 64 - 14);
            TVector b5 = TLanes.RotateRight(TLanes.Xor(a3, d3), 64 - 28);
            TVector b6 = TLanes.RotateRight(TLanes.Xor(a9, d4), 64 - 20);
            TVector b7 = TLanes.RotateRight(TLanes.Xor(a10, d0), 64 - 3);
            TVector b8 = TLanes.RotateRight(TLanes.Xor(a16, d1), 64 - 45);
            TVector b9 = TLanes.RotateRight(TLanes.Xor(a22, d2), 64 - 61);
            TVector b10 = TLanes.RotateRight(TLanes.Xor(a1, d1), 64 - 1);
            TVector b11 = TLanes.RotateRight(TLanes.Xor(a7, d2), 64 - 6);
            TVector b12 = TLanes.RotateRight(TLanes.Xor(a13, d3), 64 - 25);
            TVector b13 = TLanes.RotateRight(TLanes.Xor(a19, d4), 64 - 8);
            TVector b14 = TLanes.RotateRight(TLanes.Xor(a20, d0), 64 - 18);
            TVector b15 = TLanes.RotateRight(TLanes.Xor(a4, d4), 64 - 27);
            TVector b16 = TLanes.RotateRight(TLanes.Xor(a5, d0), 64 - 36);
            TVector b17 = TLanes.RotateRight(TLanes.Xor(a11, d1), 64 - 10);
            TVector b18 = TLanes.RotateRight(TLanes.Xor(a17, d2), 64 - 15);
            TVector b19 = TLanes.RotateRight(TLanes.Xor(a23, d3), 64 - 56);
            TVector b20 = TLanes.RotateRight(TLanes.Xor(a2, d2), 64 - 62);
            TVector b21 = TLanes.RotateRight(TLanes.Xor(a8, d3), 64 - 55);
            TVector b22 = TLanes.RotateRight(TLanes.Xor(a14, d4), 64 - 39);
            TVector b23 = TLanes.RotateRight(TLanes.Xor(a15, d0), 64 - 41);
            TVector b24 = TLanes.RotateRight(TLanes.Xor(a21, d1), 64 - 2);

            // χ and, in the first lane, ι.
            a0 = TLanes.Xor(TLanes.XorAndNot(b0, b1, b2), TLanes.Broadcast(constant));
            a1 = TLanes.XorAndNot(b1, b2, b3);
            a2 = TLanes.XorAndNot(b2, b3, b4);
            a3 = TLanes.XorAndNot(b3, b4, b0);
            a4 = TLanes.XorAndNot(b4, b0, b1);
            a5 = TLanes.XorAndNot(b5, b6, b7);
            a6 = TLanes.XorAndNot(b6, b7, b8);
            a7 = TLanes.XorAndNot(b7, b8, b9);
            a8 = TLanes.XorAndNot(b8, b9, b5);
            a9 = TLanes.XorAndNot(b9, b5, b6);
            a10 = TLanes.XorAndNot(b10, b11, b12);
            a11 = TLanes.XorAndNot(b11, b12, b13);
            a12 = TLanes.XorAndNot(b12, b13, b14);
            a13 = TLanes.XorAndNot(b13, b14, b10);
            a14 = TLanes.XorAndNot(b14, b10, b11);
            a15 = TLanes.XorAndNot(b15, b16, b17);
            a16 = TLanes.XorAndNot(b16, b17, b18);
            a17 = TLanes.XorAndNot(b17, b18, b19);
            a18 = TLanes.XorAndNot(b18, b19, b15);
            a19 = TLanes.XorAndNot(b19, b15, b16);
            a20 = TLanes.XorAndNot(b20, b21, b22);
            a21 = TLanes.XorAndNot(b21, b22, b23);
            a22 = TLanes.XorAndNot(b22, b23, b24);
            a23 = TLanes.XorAndNot(b23, b24, b20);
            a24 = TLanes.XorAndNot(b24, b20, b21);
        }

        state[0] = a0;
        state[1] = a1;
        state[2] = a2;
        state[3] = a3;
        state[4] = a4;
        state[5] = a5;
        state[6] = a6;
        state[7] = a7;
        state[8] = a8;
        state[9] = a9;
        state[10] = a10;
        state[11] = a11;
        state[12] = a12;
        state[13] = a13;
        state[14] = a14;
        state[15] = a15;
        state[16] = a16;
        state[17] = a17;
        state[18] = a18;
        state[19] = a19;
        state[20] = a20;
        state[21] = a21;
        state[22] = a22;
        state[23] = a23;
        state[24] = a24;
    }
}
