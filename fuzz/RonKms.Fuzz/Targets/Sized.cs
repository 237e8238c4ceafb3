namespace RonKms.Fuzz.Targets;

/// <summary>Inputs of an exact size: any other is refused for that alone.</summary>
internal static class Sized
{
    /// <summary>The bytes, cut off or filled up with zeros.</summary>
    internal static byte[] Of(ReadOnlySpan<byte> bytes, int size)
    {
        byte[] sized = new byte[size];
        bytes[..Math.Min(size, bytes.Length)].CopyTo(sized);
        return sized;
    }

    /// <summary>A number of some bits out of bytes, the lowest bit first, one bit after the other.</summary>
    internal static int Bits(ReadOnlySpan<byte> bytes, int at, int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++)
        {
            value |= ((bytes[(at + i) / 8] >> ((at + i) % 8)) & 1) << i;
        }

        return value;
    }
}
