using System.Runtime.CompilerServices;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The number-theoretic transform and multiplication in its domain: FIPS 204, algorithms 41 and 42, sections 7.5 and 7.6.</summary>
/// <remarks>
/// Coefficients are signed and reduced late: each member says what it takes and gives. Products come without their factor of
/// 2^32, as Montgomery's reduction leaves them, and <see cref="InverseOfProduct"/> puts it back.
/// Constant time: additions, multiplications and shifts of 32- and 64-bit integers; loops and indices depend on nothing but sizes.
/// </remarks>
internal static unsafe class Ntt
{
    // q^-1 mod 2^32.
    private const int InverseOfQ = 58728449;

    // 2^32 / 256 and 2^64 / 256, mod q: the end of the inverse transform, times 2^32 for the reduction that follows.
    private const int InverseScale = 16382;
    private const int InverseOfProductScale = 41978;

    // ζ = 1753 to the power of i's eight bits reversed, times 2^32, mod± q (section 7.5, appendix B).
    private static readonly int[] s_zetas = MakeZetas();

    /// <summary>Transforms a polynomial in place: algorithm 41.</summary>
    /// <param name="polynomial">Takes coefficients below 2q, gives below 10q, in absolute value.</param>
    internal static void Forward(Span<int> polynomial)
    {
        fixed (int* f = polynomial[..N])
        fixed (int* zetas = s_zetas)
        {
            int m = 0;
            for (int length = 128; length >= 1; length >>= 1)
            {
                for (int start = 0; start < N; start += 2 * length)
                {
                    int zeta = zetas[++m];
                    int* low = f + start;
                    int* high = low + length;
                    for (int j = 0; j < length; j++)
                    {
                        int t = Reduce((long)zeta * high[j]);
                        high[j] = low[j] - t;
                        low[j] += t;
                    }
                }
            }
        }
    }

    /// <summary>Transforms a vector in place, and reduces.</summary>
    /// <param name="vector">Takes coefficients below 2q in absolute value, gives 0 to q − 1.</param>
    internal static void Forward(PolynomialVector vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            Forward(vector[i]);
        }

        Polynomial.Reduce(vector.Coefficients);
    }

    /// <summary>Undoes the transform: algorithm 42.</summary>
    /// <param name="polynomial">Takes coefficients below q, gives below q, in absolute value.</param>
    internal static void Inverse(Span<int> polynomial) => Inverse(polynomial, InverseScale);

    /// <summary>Undoes the transform for a product, and puts the product's factor of 2^32 back.</summary>
    /// <param name="polynomial">Takes coefficients below q, gives below q, in absolute value.</param>
    internal static void InverseOfProduct(Span<int> polynomial) => Inverse(polynomial, InverseOfProductScale);

    /// <summary>Multiplies two transformed polynomials: algorithm 45.</summary>
    /// <param name="left">Coefficients below 10q in absolute value.</param>
    /// <param name="right">The same.</param>
    /// <param name="product">Receives coefficients below q in absolute value, without their factor of 2^32.</param>
    internal static void Multiply(ReadOnlySpan<int> left, ReadOnlySpan<int> right, Span<int> product) =>
        InnerProduct(left[..N], right[..N], product);

    /// <summary>Multiplies a row of a transformed matrix and a transformed vector: a line of algorithm 48.</summary>
    /// <param name="row">The row, at most 8 polynomials, coefficients from 0 to q − 1; of a single one, below 10q in absolute value.</param>
    /// <param name="vector">As many polynomials, coefficients below 10q in absolute value.</param>
    /// <param name="product">Receives coefficients below q in absolute value, without their factor of 2^32.</param>
    internal static void InnerProduct(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> product)
    {
        fixed (int* a = row)
        fixed (int* b = vector[..row.Length])
        fixed (int* p = product[..N])
        {
            int length = row.Length;
            for (int j = 0; j < N; j++)
            {
                // At most 100·q·q: far below the 2^31·q that the reduction takes.
                long sum = 0;
                for (int i = j; i < length; i += N)
                {
                    sum += (long)a[i] * b[i];
                }

                p[j] = Reduce(sum);
            }
        }
    }

    private static void Inverse(Span<int> polynomial, int scale)
    {
        fixed (int* f = polynomial[..N])
        fixed (int* zetas = s_zetas)
        {
            // Sums double in each of eight layers: 256·(q − 1) still fits in 31 bits.
            int m = N;
            for (int length = 1; length < N; length <<= 1)
            {
                for (int start = 0; start < N; start += 2 * length)
                {
                    int zeta = -zetas[--m];
                    int* low = f + start;
                    int* high = low + length;
                    for (int j = 0; j < length; j++)
                    {
                        int t = low[j];
                        low[j] = t + high[j];
                        high[j] = Reduce((long)zeta * (t - high[j]));
                    }
                }
            }

            for (int j = 0; j < N; j++)
            {
                f[j] = Reduce((long)scale * f[j]);
            }
        }
    }

    // Algorithm 49 (MontgomeryReduce): a·2^-32 mod q, below q in absolute value, for a below 2^31·q in absolute value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Reduce(long a)
    {
        int t = (int)a * InverseOfQ;
        return (int)((a - ((long)t * Q)) >> 32);
    }

    private static int[] MakeZetas()
    {
        const int Zeta = 1753;
        int[] zetas = new int[N];
        long power = (1L << 32) % Q;
        for (int exponent = 0; exponent < N; exponent++)
        {
            int reversed = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                reversed |= ((exponent >> bit) & 1) << (7 - bit);
            }

            zetas[reversed] = (int)(power > Q / 2 ? power - Q : power);
            power = power * Zeta % Q;
        }

        return zetas;
    }
}
