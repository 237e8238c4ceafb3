using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class ParallelTreesTests
{
    [Theory]
    [InlineData("SLH-DSA-SHAKE-128f", 2)]
    [InlineData("SLH-DSA-SHA2-128f", 3)]
    [InlineData("SLH-DSA-SHA2-192f", 16)]
    public void SignatureIsTheSameOnSeveralThreads(string name, int threads)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        byte[] privateKey = [.. Enumerable.Range(0, p.PrivateKeySize).Select(i => (byte)i)];
        SlhDsaScheme one = SlhDsaScheme.For(p);
        SlhDsaScheme several = SlhDsaScheme.For(p);
        several.Threads = threads;
        one.KeyGen(privateKey);
        for (byte i = 0; i < 3; i++)
        {
            byte[] addrnd = [.. Enumerable.Repeat(i, p.N)];
            byte[] expected = new byte[p.SignatureSize];
            byte[] signature = new byte[p.SignatureSize];
            one.Sign([i, 1, 2], context: [3], privateKey, addrnd, expected);
            several.Sign([i, 1, 2], context: [3], privateKey, addrnd, signature);
            Assert.Equal(expected, signature);
            Assert.True(one.Verify([i, 1, 2], context: [3], signature, privateKey.AsSpan(2 * p.N)));
        }
    }

    [Fact]
    public void OneThreadIsTheDefaultAndTheLeast()
    {
        Assert.Equal(1, new ManagedSlhDsaAlgorithm(KeyAlgorithm.SlhDsaSha2_128s).SigningThreads);
        Assert.Equal(4, new ManagedSlhDsaAlgorithm(KeyAlgorithm.SlhDsaSha2_128s) { SigningThreads = 4 }.SigningThreads);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedSlhDsaAlgorithm(KeyAlgorithm.SlhDsaSha2_128s) { SigningThreads = 0 });
    }
}
