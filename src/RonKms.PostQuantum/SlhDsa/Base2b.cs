namespace RonKms.PostQuantum.SlhDsa;

/// <summary>base_2ᵇ: a string of bytes as numbers of b bits. FIPS 205, section 4.4.</summary>
internal static class Base2b
{
    /// <summary>Algorithm 4.</summary>
    /// <param name="x">X, the string of bytes; what it says is public.</param>
    /// <param name="b">The bits of a number, at most 24.</param>
    /// <param name="baseB">Receives out_len numbers, most significant bits first.</param>
    internal static void Split(ReadOnlySpan<byte> x, int b, Span<int> baseB)
    {
        int position = 0;
        int bits = 0;
        uint total = 0;
        for (int i = 0; i < baseB.Length; i++)
        {
            // Lines 5 to 9.
            while (bits < b)
            {
                total = (total << 8) | x[position++];
                bits += 8;
            }

            // Lines 10 and 11.
            bits -= b;
            baseB[i] = (int)((total >> bits) & ((1U << b) - 1));
        }
    }
}
