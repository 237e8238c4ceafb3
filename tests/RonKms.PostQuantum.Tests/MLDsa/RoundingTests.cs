using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>Each function against the standard's own words, over all values there are.</summary>
public sealed class RoundingTests
{
    private const int Q = MLDsaParameters.Q;

    public static TheoryData<int> Gamma2 => [(Q - 1) / 88, (Q - 1) / 32];

    [Theory]
    [MemberData(nameof(Gamma2))]
    public void DecomposeIsThatOfTheStandard(int gamma2)
    {
        for (int r = 0; r < Q; r++)
        {
            (int r1, int r0) = Decompose(gamma2, r);
            int computed = Rounding.Decompose(gamma2, r, out int low);
            if (computed != r1 || low != r0 || Rounding.HighBits(gamma2, r) != r1)
            {
                Assert.Fail($"{r}: {computed}, {low} instead of {r1}, {r0}");
            }
        }
    }

    [Fact]
    public void Power2RoundIsThatOfTheStandard()
    {
        int[] r = AllValues();
        int[] r1 = new int[r.Length];
        Rounding.Power2Round(r, r1);
        for (int i = 0; i < Q; i++)
        {
            // Algorithm 35: r0 ← r mod± 2^d.
            int r0 = CenteredRemainder(i, 1 << MLDsaParameters.D);
            if (r[i] != r0 || r1[i] != (i - r0) >> MLDsaParameters.D)
            {
                Assert.Fail($"{i}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Gamma2))]
    public void HintGivesTheHighBitsOfTheSumBack(int gamma2)
    {
        // FIPS 204, section 7.4: UseHint(MakeHint(z, r), r) = HighBits(r + z) for |z| at most γ2.
        int[] terms = [0, 1, -1, gamma2 / 3, -(gamma2 / 3), gamma2 - 1, gamma2, -gamma2];
        for (int r = 0; r < Q; r++)
        {
            int high = Rounding.HighBits(gamma2, r);
            int hinted = Rounding.UseHint(gamma2, r);
            foreach (int z in terms)
            {
                int sum = (r + z + Q) % Q;
                int expected = Rounding.HighBits(gamma2, sum);
                int hint = Rounding.MakeHint(gamma2, r, sum);
                if (hint != (high == expected ? 0 : 1) || (hint == 0 ? high : hinted) != expected)
                {
                    Assert.Fail($"{r} and {z}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Gamma2))]
    public void UseHintIsThatOfTheStandard(int gamma2)
    {
        int m = (Q - 1) / (2 * gamma2);
        for (int r = 0; r < Q; r++)
        {
            (int r1, int r0) = Decompose(gamma2, r);
            int expected = r0 > 0 ? (r1 + 1) % m : (r1 - 1 + m) % m;
            if (Rounding.UseHint(gamma2, r) != expected)
            {
                Assert.Fail($"{r}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Gamma2))]
    public void LowBitsReachAtTheBoundAndNotBelow(int gamma2)
    {
        foreach (int r0 in new[] { 500, -500 })
        {
            int[] polynomial = new int[MLDsaParameters.N];
            polynomial[200] = (4 * gamma2) + r0;
            Assert.True(Rounding.LowBitsReach(gamma2, polynomial, 500));
            Assert.False(Rounding.LowBitsReach(gamma2, polynomial, 501));
        }
    }

    [Theory]
    [MemberData(nameof(Gamma2))]
    public void VectorFormsAreThoseOfOneCoefficient(int gamma2)
    {
        int[] r = AllValues();
        int[] r1 = new int[r.Length];
        int[] hints = [.. r.Select(value => (value + (gamma2 / 2)) % Q)];
        int[] sums = [.. hints];
        Rounding.HighBits(gamma2, r, r1);
        int ones = Rounding.MakeHint(gamma2, r, hints);
        Assert.Equal(hints.Sum(), ones);
        for (int i = 0; i < r.Length; i++)
        {
            if (r1[i] != Rounding.HighBits(gamma2, r[i]) || hints[i] != Rounding.MakeHint(gamma2, r[i], sums[i]))
            {
                Assert.Fail($"{i}");
            }
        }
    }

    // Every coefficient, in whole vectors.
    private static int[] AllValues() => [.. Enumerable.Range(0, (Q + 15) / 16 * 16).Select(i => i % Q)];

    // Algorithm 36, as it is written.
    private static (int R1, int R0) Decompose(int gamma2, int r)
    {
        int r0 = CenteredRemainder(r, 2 * gamma2);
        return r - r0 == Q - 1 ? (0, r0 - 1) : ((r - r0) / (2 * gamma2), r0);
    }

    // mod±: from −⌈m/2⌉ + 1 to ⌊m/2⌋.
    private static int CenteredRemainder(int value, int modulus)
    {
        int remainder = value % modulus;
        return remainder > modulus / 2 ? remainder - modulus : remainder;
    }
}
