using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using RonKms.PostQuantum.Lanes;
using RonKms.PostQuantum.Sha2;

namespace RonKms.PostQuantum.Tests.Sha2;

public sealed class Sha2LanesTests
{
    [Fact]
    public void EachLaneOfSha256IsAHashOfItsOwn() => CompareWithOneByOne<Sha256>();

    [Fact]
    public void EachLaneOfSha512IsAHashOfItsOwn() => CompareWithOneByOne<Sha512>();

    [Fact]
    public void EveryWidthOfSha256CompressesEachBlockAsOneAlone()
    {
        Compare<uint, Vector128<uint>, Lanes128<uint>, Sha256Function>();
        Compare<uint, Vector256<uint>, Lanes256<uint>, Sha256Function>();
        if (Vector512.IsHardwareAccelerated)
        {
            Compare<uint, Vector512<uint>, Lanes512<uint>, Sha256Function>();
        }
    }

    [Fact]
    public void EveryWidthOfSha512CompressesEachBlockAsOneAlone()
    {
        Compare<ulong, Vector128<ulong>, Lanes128<ulong>, Sha512Function>();
        Compare<ulong, Vector256<ulong>, Lanes256<ulong>, Sha512Function>();
        if (Vector512.IsHardwareAccelerated)
        {
            Compare<ulong, Vector512<ulong>, Lanes512<ulong>, Sha512Function>();
        }
    }

    [Fact]
    public void BeginningThatDoesNotEndWithABlockIsRefused()
    {
        Sha256 sha = Sha256.Create();
        sha.Append(new byte[63]);
        Assert.Throws<InvalidOperationException>(() => sha.FinishLanes([1], [2], 1, new byte[32], Room()));
    }

    private static void CompareWithOneByOne<TSha>()
        where TSha : struct, ISha2<TSha>
    {
        TSha seeded = TSha.Create();
        seeded.Append(RandomNumberGenerator.GetBytes(TSha.BlockSize));
        for (int count = 1; count <= TSha.LaneCount; count++)
        {
            // Every size around one, two and three blocks.
            for (int size = 0; size <= 3 * TSha.BlockSize; size += size % TSha.BlockSize is < 24 or > 34 ? 1 : 5)
            {
                byte[] prefixes = RandomNumberGenerator.GetBytes(22 * count);
                byte[] messages = RandomNumberGenerator.GetBytes(size * count);
                byte[] hashes = new byte[TSha.HashSize * count];
                byte[] room = Room();
                seeded.FinishLanes(prefixes, messages, count, hashes, room);
                for (int i = 0; i < count; i++)
                {
                    TSha alone = seeded;
                    alone.Append(prefixes.AsSpan(22 * i, 22));
                    alone.Append(messages.AsSpan(size * i, size));
                    byte[] expected = new byte[TSha.HashSize];
                    alone.Finish(expected);
                    Assert.Equal(expected, hashes[(TSha.HashSize * i)..(TSha.HashSize * (i + 1))]);
                }
            }
        }
    }

    private static byte[] Room() => new byte[Sha2Lanes<ulong, Sha512Function>.Room];

    private static void Compare<TWord, TVector, TLanes, TFunction>()
        where TWord : unmanaged, System.Numerics.IBinaryInteger<TWord>
        where TVector : struct
        where TLanes : ILanes<TVector, TWord>
        where TFunction : ISha2Function<TWord>
    {
        int width = Unsafe.SizeOf<TVector>() / Unsafe.SizeOf<TWord>();
        for (int round = 0; round < 20; round++)
        {
            TWord[] chains = Words<TWord>(8 * width, round);
            TWord[] words = Words<TWord>(16 * width, round);
            TWord[][] chainOf = [.. Enumerable.Range(0, width).Select(lane => Lane(chains, width, lane))];
            TWord[][] wordsOf = [.. Enumerable.Range(0, width).Select(lane => Lane(words, width, lane))];
            Sha2Compression<TVector, TLanes, TWord, TFunction>.Compress(
                MemoryMarshal.Cast<TWord, TVector>(chains.AsSpan()), MemoryMarshal.Cast<TWord, TVector>(words.AsSpan()));
            for (int lane = 0; lane < width; lane++)
            {
                Sha2Compression<TWord, Lane<TWord>, TWord, TFunction>.Compress(chainOf[lane], wordsOf[lane]);
                Assert.Equal(chainOf[lane], Lane(chains, width, lane));
            }
        }
    }

    private static TWord[] Lane<TWord>(TWord[] words, int width, int lane) => [.. words.Where((_, i) => i % width == lane)];

    private static TWord[] Words<TWord>(int count, int round)
        where TWord : unmanaged
    {
        TWord[] words = new TWord[count];
        Span<byte> bytes = MemoryMarshal.AsBytes(words.AsSpan());
        if (round < 2)
        {
            bytes.Fill((byte)-round);
        }
        else
        {
            RandomNumberGenerator.Fill(bytes);
        }

        return words;
    }
}
