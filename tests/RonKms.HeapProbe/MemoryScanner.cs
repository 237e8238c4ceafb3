using System.Globalization;
using System.Runtime.InteropServices;

namespace RonKms.HeapProbe;

/// <summary>Looks for secrets in all memory of this process that it can write to: stacks, the managed heap, native heaps, guarded memory.</summary>
internal static unsafe class MemoryScanner
{
    private const int ChunkSize = 1 << 20;

    // Half of a secret is a find; the first bytes of it are looked for as they are, and are too few to be one.
    private const int FindSize = 16;
    private const int PrefixSize = 4;

    /// <summary>Counts the places where either half of a secret lies.</summary>
    internal static int[] Count(IReadOnlyList<HiddenSecret> secrets)
    {
        int[] found = new int[secrets.Count];
        byte* chunk = (byte*)NativeMemory.AllocZeroed(ChunkSize);
        try
        {
            using FileStream memory = new("/proc/self/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            foreach ((ulong start, ulong end) in WritableRanges())
            {
                // Chunks overlap, so that nothing is missed that lies across their border.
                for (ulong at = start; at < end; at += ChunkSize - FindSize)
                {
                    int length = Read(memory, at, new Span<byte>(chunk, (int)Math.Min(ChunkSize, end - at)));
                    for (int i = 0; i < secrets.Count; i++)
                    {
                        found[i] += CountIn(new ReadOnlySpan<byte>(chunk, length), at, (ulong)chunk, secrets[i]);
                    }
                }
            }
        }
        finally
        {
            NativeMemory.Clear(chunk, ChunkSize);
            NativeMemory.Free(chunk);
        }

        return found;
    }

    private static int CountIn(ReadOnlySpan<byte> bytes, ulong address, ulong chunk, HiddenSecret secret)
    {
        int found = 0;
        Span<byte> prefix = stackalloc byte[PrefixSize];
        foreach (int half in new[] { 0, FindSize })
        {
            for (int i = 0; i < PrefixSize; i++)
            {
                prefix[i] = secret.At(half + i);
            }

            for (int from = 0; ;)
            {
                int at = bytes[from..].IndexOf(prefix);
                if (at < 0)
                {
                    break;
                }

                from += at;
                if (IsHere(bytes[from..], secret, half) && !IsInChunk(address + (ulong)from, chunk))
                {
                    found++;
                }

                from++;
            }
        }

        prefix.Clear();
        return found;
    }

    private static bool IsHere(ReadOnlySpan<byte> bytes, HiddenSecret secret, int half)
    {
        if (bytes.Length < FindSize)
        {
            return false;
        }

        for (int i = 0; i < FindSize; i++)
        {
            if (bytes[i] != secret.At(half + i))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an address is in the scanner's own copy of other memory.</summary>
    private static bool IsInChunk(ulong address, ulong chunk) => address + FindSize > chunk && address < chunk + ChunkSize;

    private static int Read(FileStream memory, ulong address, Span<byte> chunk)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, chunk, (long)address);
        }
        catch (IOException)
        {
            // Unmapped since it was listed, or a device's.
            return 0;
        }
    }

    private static List<(ulong Start, ulong End)> WritableRanges()
    {
        List<(ulong, ulong)> ranges = [];
        foreach (string line in File.ReadAllLines("/proc/self/maps"))
        {
            string[] fields = line.Split(' ', 3);
            string[] range = fields[0].Split('-');
            if (fields[1].StartsWith("rw", StringComparison.Ordinal))
            {
                ranges.Add((ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            }
        }

        return ranges;
    }
}
