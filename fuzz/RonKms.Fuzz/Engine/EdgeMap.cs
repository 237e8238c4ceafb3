using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Fuzz.Engine;

/// <summary>How often each edge, from one block of code to the next, was taken since the last <see cref="Clear"/>. Instrumented code counts here.</summary>
/// <remarks>Two edges may share a counter; there are some thousand edges for 65,536 of them. One thread at a time: another one only blurs the counts.</remarks>
public static class EdgeMap
{
    /// <summary>How many counters there are.</summary>
    public const int Size = 1 << 16;

    private static readonly byte[] s_counters = new byte[Size];
    private static int s_previous;

    internal static ReadOnlySpan<byte> Counters => s_counters;

    /// <summary>Called at the beginning of each block.</summary>
    /// <param name="block">The block, below <see cref="Size"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(int block)
    {
        ref byte counter = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(s_counters), s_previous ^ block);
        counter += (byte)(counter < byte.MaxValue ? 1 : 0);

        // Shifted, so that the way back is another edge.
        s_previous = block >> 1;
    }

    internal static void Clear()
    {
        Array.Clear(s_counters);
        s_previous = 0;
    }
}
