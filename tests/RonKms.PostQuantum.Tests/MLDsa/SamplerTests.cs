using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

public sealed class SamplerTests
{
    private const int N = MLDsaParameters.N;

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void SecretCoefficientsTakeEveryValueOfTheirRangeAlikeOften(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        Dictionary<int, int> counts = [];
        int[] s1 = new int[p.L * N];
        int[] s2 = new int[p.K * N];
        byte[] rhoPrime = new byte[MLDsaParameters.HashSize];
        for (byte round = 0; round < 20; round++)
        {
            rhoPrime[0] = round;
            ExpandS.Fill(p, rhoPrime, new PolynomialVector(s1), new PolynomialVector(s2));
            foreach (int coefficient in s1.Concat(s2))
            {
                counts[coefficient] = counts.GetValueOrDefault(coefficient) + 1;
            }
        }

        Assert.Equal(Enumerable.Range(-p.Eta, (2 * p.Eta) + 1), counts.Keys.Order());
        double expected = 20.0 * (p.L + p.K) * N / ((2 * p.Eta) + 1);
        Assert.All(counts.Values, count => Assert.InRange(count / expected, 0.9, 1.1));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ChallengeHasTauOnesOfBothSigns(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        int[] c = new int[N];
        int[] sum = new int[N];
        byte[] commitmentHash = new byte[p.CommitmentHashSize];
        int negative = 0;
        for (int round = 0; round < 200; round++)
        {
            commitmentHash[0] = (byte)round;
            commitmentHash[1] = (byte)(round >> 8);
            SampleInBall.Fill(p, commitmentHash, c);
            Assert.Equal(p.Tau, c.Count(x => x is 1 or -1));
            Assert.Equal(N - p.Tau, c.Count(x => x == 0));
            negative += c.Count(x => x == -1);
            sum = [.. sum.Zip(c, (s, x) => s + Math.Abs(x))];
        }

        Assert.InRange(negative / (200.0 * p.Tau), 0.45, 0.55);
        Assert.All(sum, s => Assert.InRange(s, 1, 199));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void MasksDifferFromCandidateToCandidate(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        int[] first = new int[p.L * N];
        int[] second = new int[p.L * N];
        byte[] room = new byte[ExpandMask.Room];
        byte[] rho = new byte[MLDsaParameters.HashSize];
        ExpandMask.Fill(p, rho, 0, new PolynomialVector(first), room);
        ExpandMask.Fill(p, rho, p.L, new PolynomialVector(second), room);
        Assert.All(first, y => Assert.InRange(y, 1 - p.Gamma1, p.Gamma1));
        for (int i = 0; i < p.L; i++)
        {
            for (int j = 0; j < p.L; j++)
            {
                Assert.False(first.AsSpan(i * N, N).SequenceEqual(second.AsSpan(j * N, N)));
            }
        }
    }
}
