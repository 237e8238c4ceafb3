using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Sha2;

namespace RonKms.PostQuantum.Tests.Sha2;

public sealed class Sha2Tests
{
    [Fact]
    public void Sha256GivesWhatThePlatformGivesForEveryLengthAroundABlock() => CompareLengths<Sha256>(SHA256.HashData);

    [Fact]
    public void Sha512GivesWhatThePlatformGivesForEveryLengthAroundABlock() => CompareLengths<Sha512>(SHA512.HashData);

    [Fact]
    public void Sha256InPiecesGivesTheSame() => ComparePieces<Sha256>(SHA256.HashData);

    [Fact]
    public void Sha512InPiecesGivesTheSame() => ComparePieces<Sha512>(SHA512.HashData);

    [Fact]
    public void CopyIsAMidState()
    {
        byte[] common = RandomNumberGenerator.GetBytes(64);
        Sha256 seeded = Sha256.Create();
        seeded.Append(common);
        for (byte i = 0; i < 4; i++)
        {
            Sha256 work = seeded;
            work.Append([i]);
            Assert.Equal(SHA256.HashData([.. common, i]), Finish(ref work));
        }
    }

    [Fact]
    public void ShorterDestinationReceivesTheBeginning()
    {
        Sha512 sha = Sha512.Create();
        byte[] beginning = new byte[20];
        sha.Finish(beginning);
        Assert.Equal(SHA512.HashData([])[..20], beginning);
    }

    [Fact]
    public void WipedInstanceHoldsZeros()
    {
        Sha256 sha = Sha256.Create();
        sha.Append([1, 2, 3]);
        sha.Wipe();
        Assert.Equal(-1, MemoryMarshal.AsBytes(new Span<Sha256>(ref sha)).IndexOfAnyExcept((byte)0));
    }

    private static void CompareLengths<TSha>(Func<byte[], byte[]> platform)
        where TSha : struct, ISha2<TSha>
    {
        for (int length = 0; length <= 3 * TSha.BlockSize; length++)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            TSha sha = TSha.Create();
            sha.Append(message);
            Assert.Equal(platform(message), Finish(ref sha));
        }
    }

    private static void ComparePieces<TSha>(Func<byte[], byte[]> platform)
        where TSha : struct, ISha2<TSha>
    {
        byte[] message = RandomNumberGenerator.GetBytes(3 * TSha.BlockSize);
        for (int first = 0; first <= message.Length; first += 7)
        {
            for (int second = first; second <= message.Length; second += 11)
            {
                TSha sha = TSha.Create();
                sha.Append(message.AsSpan(0, first));
                sha.Append(message.AsSpan(first, second - first));
                sha.Append(message.AsSpan(second));
                Assert.Equal(platform(message), Finish(ref sha));
            }
        }
    }

    private static byte[] Finish<TSha>(ref TSha sha)
        where TSha : struct, ISha2<TSha>
    {
        byte[] hash = new byte[TSha.HashSize];
        sha.Finish(hash);
        return hash;
    }
}
