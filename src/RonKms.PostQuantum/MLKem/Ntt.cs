using System.Runtime.Intrinsics.X86;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The number-theoretic transform: FIPS 203, section 4.3, algorithms 9 and 10.</summary>
/// <remarks>
/// In place, on 16-bit words that are reduced only where the next layers could overflow. Constant time: the order of operations and
/// the powers of ζ are fixed. What is here is the portable form, and the reference of <see cref="NttVectors"/>, which gives the same words.
/// </remarks>
internal static class Ntt
{
    /// <summary>2^32 / 128 modulo q: the division by 128 of algorithm 10, and 2^16 to take off what <see cref="NttProduct"/> leaves.</summary>
    internal const short InverseScale = 1441;

    /// <summary>ζ^BitRev7(i) · 2^16 modulo q for ζ = 17: FIPS 203, appendix A.</summary>
    internal static ReadOnlySpan<short> Zetas =>
    [
        -1044, -758, -359, -1517, 1493, 1422, 287, 202, -171, 622, 1577, 182, 962, -1202, -1474, 1468,
        573, -1325, 264, 383, -829, 1458, -1602, -130, -681, 1017, 732, 608, -1542, 411, -205, -1571,
        1223, 652, -552, 1015, -1293, 1491, -282, -1544, 516, -8, -320, -666, -1618, -1162, 126, 1469,
        -853, -90, -271, 830, 107, -1421, -247, -951, -398, 961, -1508, -725, 448, -1065, 677, -1275,
        -1103, 430, 555, 843, -1251, 871, 1550, 105, 422, 587, 177, -235, -291, -460, 1574, 1653,
        -246, 778, 1159, -147, -777, 1483, -602, 1119, -1590, 644, -872, 349, 418, 329, -156, -75,
        817, 1097, 603, 610, 1322, -1285, -1465, 384, -1215, -136, 1218, -1335, -874, 220, -1187, -1659,
        -1185, -1530, -1278, 794, -1510, -854, -870, 478, -108, -308, 996, 991, 958, -1460, 1522, 1628,
    ];

    /// <summary>Transforms every polynomial of a vector: algorithm 9.</summary>
    /// <param name="vector">Coefficients from -q to q; receives representatives nearest to zero.</param>
    internal static void Transform(Span<short> vector)
    {
        for (; !vector.IsEmpty; vector = vector[Polynomial.Size..])
        {
            if (Avx2.IsSupported)
            {
                NttVectors.Transform(vector[..Polynomial.Size]);
            }
            else
            {
                TransformOne(vector[..Polynomial.Size]);
            }
        }
    }

    /// <summary>Transforms every polynomial of a vector of products back: algorithm 10, times 2^16.</summary>
    /// <param name="vector">Coefficients strictly between -q and q, as <see cref="NttProduct"/> leaves them; receives such.</param>
    internal static void InverseTransform(Span<short> vector)
    {
        for (; !vector.IsEmpty; vector = vector[Polynomial.Size..])
        {
            if (Avx2.IsSupported)
            {
                NttVectors.InverseTransform(vector[..Polynomial.Size]);
            }
            else
            {
                InverseTransformOne(vector[..Polynomial.Size]);
            }
        }
    }

    /// <summary>Algorithm 9, one coefficient at a time.</summary>
    /// <param name="f">The polynomial.</param>
    internal static void TransformOne(Span<short> f)
    {
        // Step 2: i ← 1. Each of the seven layers adds less than q to the bound of a coefficient: below 8q < 2^15 at the end.
        int i = 1;
        for (int length = 128; length >= 2; length >>= 1)
        {
            for (int start = 0; start < Polynomial.Size; start += 2 * length)
            {
                // Steps 5 and 6.
                short zeta = Zetas[i++];
                Span<short> low = f.Slice(start, length);
                Span<short> high = f.Slice(start + length, low.Length);
                for (int j = 0; j < low.Length; j++)
                {
                    // Steps 8 to 10.
                    short t = Reduction.Multiply(high[j], zeta);
                    high[j] = (short)(low[j] - t);
                    low[j] += t;
                }
            }
        }

        Reduction.BarrettAll(f);
    }

    /// <summary>Algorithm 10, one coefficient at a time.</summary>
    /// <param name="f">The polynomial.</param>
    internal static void InverseTransformOne(Span<short> f)
    {
        // Step 2: i ← 127. The bound of a sum doubles in a layer: q, 2q, 4q, 8q < 2^15; so the third and the sixth layer reduce.
        int i = 127;
        for (int length = 2; length <= 128; length <<= 1)
        {
            for (int start = 0; start < Polynomial.Size; start += 2 * length)
            {
                // Steps 5 and 6.
                short zeta = Zetas[i--];
                Span<short> low = f.Slice(start, length);
                Span<short> high = f.Slice(start + length, low.Length);
                for (int j = 0; j < low.Length; j++)
                {
                    // Steps 8 to 10.
                    short t = low[j];
                    low[j] = (short)(t + high[j]);
                    high[j] = Reduction.Multiply((short)(high[j] - t), zeta);
                }
            }

            if (length is 8 or 64)
            {
                Reduction.BarrettAll(f);
            }
        }

        // Step 14.
        for (int j = 0; j < f.Length; j++)
        {
            f[j] = Reduction.Multiply(f[j], InverseScale);
        }
    }
}
