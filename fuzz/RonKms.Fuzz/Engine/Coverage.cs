using System.Numerics;
using System.Runtime.InteropServices;

namespace RonKms.Fuzz.Engine;

/// <summary>The edges that any input has taken, and how often: in steps, so that once and twice differ, and a hundred and a hundred and one do not.</summary>
internal sealed class Coverage
{
    // A bit for each step that an edge's count has reached.
    private readonly byte[] _seen = new byte[EdgeMap.Size];

    /// <summary>How many edges were taken.</summary>
    internal int Edges { get; private set; }

    /// <summary>Takes in what the last input did.</summary>
    /// <param name="newEdges">Receives how many edges it took that none took before.</param>
    /// <returns>Whether it took an edge, or took one as often, as none did before.</returns>
    internal bool Add(out int newEdges)
    {
        newEdges = 0;
        bool isNew = false;
        ReadOnlySpan<ulong> eights = MemoryMarshal.Cast<byte, ulong>(EdgeMap.Counters);
        for (int i = 0; i < eights.Length; i++)
        {
            if (eights[i] != 0)
            {
                isNew |= AddEight(i * sizeof(ulong), ref newEdges);
            }
        }

        Edges += newEdges;
        return isNew;
    }

    private bool AddEight(int start, ref int newEdges)
    {
        bool isNew = false;
        for (int i = start; i < start + sizeof(ulong); i++)
        {
            byte step = StepOf(EdgeMap.Counters[i]);
            if ((_seen[i] | step) != _seen[i])
            {
                newEdges += _seen[i] == 0 ? 1 : 0;
                _seen[i] |= step;
                isNew = true;
            }
        }

        return isNew;
    }

    /// <summary>0; then a bit of its own for 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127 and more.</summary>
    private static byte StepOf(byte count) => count switch
    {
        < 4 => (byte)(count == 0 ? 0 : 1 << (count - 1)),
        < 32 => (byte)(1 << (BitOperations.Log2(count) + 1)),
        < 128 => 64,
        _ => 128,
    };
}
