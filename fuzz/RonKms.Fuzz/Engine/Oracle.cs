namespace RonKms.Fuzz.Engine;

/// <summary>What must be true of every input.</summary>
internal static class Oracle
{
    /// <summary>Something must hold.</summary>
    /// <exception cref="OracleException">It does not.</exception>
    internal static void Holds(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new OracleException(otherwise);
        }
    }

    /// <summary>What was accepted must be printed to the same bytes.</summary>
    /// <exception cref="OracleException">It is not.</exception>
    internal static void Same(ReadOnlySpan<byte> accepted, ReadOnlySpan<byte> printed)
    {
        if (!accepted.SequenceEqual(printed))
        {
            throw new OracleException($"what was accepted is printed otherwise, from byte {accepted.CommonPrefixLength(printed)} on: {Convert.ToHexStringLower(printed)}");
        }
    }

    /// <summary>Two texts must be the same.</summary>
    /// <exception cref="OracleException">They are not.</exception>
    internal static void Same(ReadOnlySpan<char> accepted, ReadOnlySpan<char> printed)
    {
        if (!accepted.SequenceEqual(printed))
        {
            throw new OracleException($"what was accepted is printed otherwise: {printed}");
        }
    }
}
