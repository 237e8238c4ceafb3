using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using RonKms.Fuzz.Engine;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.Lanes;
using Sha256 = RonKms.PostQuantum.Sha2.Sha256;

namespace RonKms.Fuzz.Targets;

/// <summary>The managed hashes: SHA-256 is the platform's, cut anywhere; every width of Keccak does to each state what one lane does.</summary>
/// <remarks>The first byte says where the message is cut.</remarks>
internal static class HashLanesTarget
{
    internal static FuzzTarget Target { get; } = new("hash-lanes", Run)
    {
        Seeds = static _ => new[] { 1, 56, 64, 65, 120, 129, 201 }.Select(size => Enumerable.Range(size, size).Select(i => (byte)i).ToArray()),
        MaxSize = 600,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> message = input[1..];
        int cut = Math.Min(input[0], message.Length);
        Sha256 sha = Sha256.Create();
        sha.Append(message[..cut]);
        sha.Append(message[cut..]);
        Span<byte> hash = stackalloc byte[Sha256.HashSize];
        sha.Finish(hash);
        Oracle.Same(SHA256.HashData(message), hash);

        Span<byte> squeezed = stackalloc byte[400];
        Shake.Hash256(message, squeezed);
        if (System.Security.Cryptography.Shake256.IsSupported)
        {
            Oracle.Same(System.Security.Cryptography.Shake256.HashData(message, squeezed.Length), squeezed);
        }

        CheckWidth<Vector128<ulong>, Lanes128<ulong>>(squeezed);
        CheckWidth<Vector256<ulong>, Lanes256<ulong>>(squeezed);
        CheckWidth<Vector512<ulong>, Lanes512<ulong>>(squeezed);
    }

    private static void CheckWidth<TVector, TLanes>(ReadOnlySpan<byte> bytes)
        where TVector : struct
        where TLanes : struct, ILanes<TVector, ulong>
    {
        TVector[] states = new TVector[KeccakPermutation.Lanes];
        Span<ulong> words = MemoryMarshal.Cast<TVector, ulong>(states.AsSpan());
        int width = words.Length / KeccakPermutation.Lanes;
        ReadOnlySpan<ulong> source = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = source[i % source.Length] * (ulong)((2 * i) + 1);
        }

        // Word after word, each of all the states.
        ulong[] before = words.ToArray();
        KeccakPermutation.Permute<TVector, TLanes>(states);
        ulong[] alone = new ulong[KeccakPermutation.Lanes];
        for (int lane = 0; lane < width; lane++)
        {
            for (int word = 0; word < alone.Length; word++)
            {
                alone[word] = before[(word * width) + lane];
            }

            KeccakPermutation.Permute(alone);
            for (int word = 0; word < alone.Length; word++)
            {
                Oracle.Holds(words[(word * width) + lane] == alone[word], $"word {word} of lane {lane} of {width} differs");
            }
        }
    }
}
