namespace RonKms.Fuzz.Planted;

/// <summary>A small format with a bug in its reader, in three forms: what <c>--self-test</c> has to find.</summary>
/// <remarks>"PLANT", version, then fields: type, length, content. The bug: a field of type 0x7F after an empty one of type 3.</remarks>
internal static class PlantedBugs
{
    internal static ReadOnlySpan<byte> Magic => "PLANT"u8;

    /// <summary>Reads behind the end.</summary>
    internal static void Throws(ReadOnlySpan<byte> input)
    {
        if (HoldsBug(input))
        {
            _ = input[input.Length];
        }
    }

    /// <summary>Takes all of the stack, which no handler sees.</summary>
    internal static void Overflows(ReadOnlySpan<byte> input)
    {
        if (HoldsBug(input))
        {
            _ = Descend(1);
        }
    }

    /// <summary>Never comes back.</summary>
    internal static void Hangs(ReadOnlySpan<byte> input)
    {
        while (HoldsBug(input))
        {
            Thread.Sleep(1);
        }
    }

    private static bool HoldsBug(ReadOnlySpan<byte> input)
    {
        if (!input.StartsWith(Magic) || input.Length < Magic.Length + 1 || input[Magic.Length] != 1)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = input[(Magic.Length + 1)..];
        bool isArmed = false;
        while (rest.Length >= 2)
        {
            if (isArmed && rest[0] == 0x7F)
            {
                return true;
            }

            if (rest[0] == 3)
            {
                isArmed = rest[1] == 0;
            }

            rest = rest[Math.Min(rest.Length, 2 + rest[1])..];
        }

        return false;
    }

    private static int Descend(int depth) => depth + Descend(depth + 1) + Descend(depth + 2);
}
