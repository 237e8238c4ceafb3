using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>What every message authentication code must do.</summary>
public abstract class MacAlgorithmContract : AlgorithmContract
{
    private static readonly byte[] s_data = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    /// <summary>Creates the suite for an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="catalog">Where its implementation is.</param>
    protected MacAlgorithmContract(KeyAlgorithm id, AlgorithmCatalog catalog)
        : base(id, catalog)
    {
    }

    /// <summary>The implementation.</summary>
    protected MacAlgorithm Algorithm => (MacAlgorithm)Base;

    [Fact]
    public void CodeVerifies()
    {
        using MacKey key = OpenNew();
        foreach (int length in new[] { 0, 1, 63, 64, 65, 100_000 })
        {
            byte[] data = new byte[length];
            Assert.True(key.Verify(data, Compute(key, data)));
        }
    }

    [Fact]
    public void CodeIsTheSameUnderTheSameSecretAndOtherwiseNot()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        using MacKey one = Algorithm.Open(secret.Reveal());
        using MacKey two = Algorithm.Open(secret.Reveal());
        using MacKey other = OpenNew();
        secret.Reveal().Clear();
        Assert.Equal(Compute(one, s_data), Compute(two, s_data));
        Assert.NotEqual(Compute(one, s_data), Compute(other, s_data));
    }

    [Fact]
    public void ChangedOrTruncatedCodeDoesNotVerify()
    {
        using MacKey key = OpenNew();
        byte[] mac = Compute(key, s_data);
        Assert.All(FlippedBits(mac), m => Assert.False(key.Verify(s_data, m)));
        Assert.All(FlippedBits(s_data), d => Assert.False(key.Verify(d, mac)));
        Assert.False(key.Verify(s_data, mac.AsSpan()[..^1]));
        Assert.False(key.Verify(s_data, [.. mac, 0]));
        Assert.False(key.Verify(s_data, []));
    }

    [Fact]
    public void DestinationMayBeLargerAndMustNotBeSmaller()
    {
        using MacKey key = OpenNew();
        byte[] destination = new byte[Algorithm.MacSize + 2];
        destination.AsSpan().Fill(0xA5);
        Assert.Equal(Algorithm.MacSize, key.Compute(s_data, destination));
        Assert.Equal([0xA5, 0xA5], destination[^2..]);
        Assert.Throws<ArgumentException>(() => key.Compute(s_data, destination.AsSpan(0, Algorithm.MacSize - 1)));
    }

    [Fact]
    public void DestinationMayOverlapTheMessage()
    {
        using MacKey key = OpenNew();
        byte[] mac = Compute(key, s_data);
        for (int start = 0; start <= s_data.Length - Algorithm.MacSize; start++)
        {
            byte[] both = [.. s_data];
            key.Compute(both, both.AsSpan(start));
            Assert.Equal(mac, both.AsSpan(start, mac.Length));
        }
    }

    [Fact]
    public void ManyThreadsUseTheKeyAtOnce()
    {
        using MacKey key = OpenNew();
        byte[] mac = Compute(key, s_data);
        UseAtOnce(key, k => Assert.True(k.Verify(s_data, mac)));
    }

    [Fact]
    public void DisposalDuringUseNeverFaults()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        using MacKey first = Algorithm.Open(secret.Reveal());
        byte[] mac = Compute(first, s_data);
        DisposeWhileInUse(() => Algorithm.Open(secret.Reveal()), key => Assert.True(key.Verify(s_data, mac)));
    }

    private static byte[] Compute(MacKey key, byte[] data)
    {
        byte[] mac = new byte[key.Algorithm.MacSize];
        key.Compute(data, mac);
        return mac;
    }

    private MacKey OpenNew()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        return Algorithm.Open(secret.Reveal());
    }
}
