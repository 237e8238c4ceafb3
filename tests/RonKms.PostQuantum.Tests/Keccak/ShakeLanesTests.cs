using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Tests.Keccak;

public sealed class ShakeLanesTests
{
    private readonly Random _random = new(20261121);

    [Fact]
    public void ThereAreNoMoreLanesThanTheRunAskedFor()
    {
        // So that a run at a lesser width, which is asked of the runtime, is known to have been one.
        int most = int.Parse(Environment.GetEnvironmentVariable("RONKMS_TEST_LANES") ?? "8", CultureInfo.InvariantCulture);
        Assert.InRange(ShakeLanes.Count, 1, most);
    }

    [Fact]
    public void EveryWidthPermutesEachStateAsOneAlone()
    {
        for (int round = 0; round < 50; round++)
        {
            PermutesAsOne(2, states => KeccakPermutation.Permute<Vector128<ulong>, Lanes128<ulong>>(MemoryMarshal.Cast<ulong, Vector128<ulong>>(states.AsSpan())), round);
            PermutesAsOne(4, states => KeccakPermutation.Permute<Vector256<ulong>, Lanes256<ulong>>(MemoryMarshal.Cast<ulong, Vector256<ulong>>(states.AsSpan())), round);
            if (Vector512.IsHardwareAccelerated)
            {
                PermutesAsOne(8, states => KeccakPermutation.Permute<Vector512<ulong>, Lanes512<ulong>>(MemoryMarshal.Cast<ulong, Vector512<ulong>>(states.AsSpan())), round);
            }

            PermutesAsOne(KeccakPermutation.Width, states => KeccakPermutation.PermuteAll(states), round);
        }
    }

    [Theory]
    [InlineData(Shake.Rate128, 32, 2)]
    [InlineData(Shake.Rate256, 32, 1)]
    [InlineData(Shake.Rate256, 64, 2)]
    public void EachLaneIsShakeOfItsSeedAndSuffix(int rate, int seedSize, int suffixSize)
    {
        byte[] seed = new byte[seedSize];
        _random.NextBytes(seed);
        for (int count = 1; count <= ShakeLanes.Count; count++)
        {
            ushort[] suffixes = [.. Enumerable.Range(0, count).Select(_ => (ushort)_random.Next(1 << (8 * suffixSize)))];
            byte[][] outputs = [.. suffixes.Select(_ => new byte[3 * rate])];
            ShakeLanes shakes = new(new ulong[ShakeLanes.StateWords], rate);
            shakes.Begin(seed, suffixSize);
            for (int lane = 0; lane < count; lane++)
            {
                shakes.SetSuffix(lane, seedSize, suffixes[lane]);
            }

            for (int block = 0; block < 3; block++)
            {
                shakes.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    shakes.Read(lane, outputs[lane].AsSpan(block * rate, rate));
                }
            }

            for (int lane = 0; lane < count; lane++)
            {
                Assert.Equal(ShakeOf([.. seed, .. BitConverter.GetBytes(suffixes[lane])[..suffixSize]], rate, 3 * rate), outputs[lane]);
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(128)]
    [InlineData(136)]
    [InlineData(272)]
    [InlineData(600)]
    public void LanesTakeInputsOfTheirOwnBlockAfterBlock(int size)
    {
        byte[][] inputs = [.. Enumerable.Range(0, ShakeLanes.Count).Select(_ => new byte[size])];
        ulong[] states = new ulong[ShakeLanes.StateWords];
        states.AsSpan().Fill(1);
        ShakeLanes shakes = new(states, Shake.Rate256);
        shakes.Clear();
        foreach (byte[] input in inputs)
        {
            _random.NextBytes(input);
        }

        int taken = 0;
        for (; size - taken >= Shake.Rate256; taken += Shake.Rate256)
        {
            for (int lane = 0; lane < inputs.Length; lane++)
            {
                shakes.Xor(lane, 0, inputs[lane].AsSpan(taken, Shake.Rate256));
            }

            shakes.Permute();
        }

        for (int lane = 0; lane < inputs.Length; lane++)
        {
            shakes.Xor(lane, 0, inputs[lane].AsSpan(taken));
        }

        shakes.Pad(size - taken);
        shakes.Permute();
        for (int lane = 0; lane < inputs.Length; lane++)
        {
            byte[] output = new byte[64];
            shakes.Read(lane, output);
            Assert.Equal(ShakeOf(inputs[lane], Shake.Rate256, 64), output);
        }

        shakes.Dispose();
        Assert.All(states.Take(25 * ShakeLanes.Count), word => Assert.Equal(0ul, word));
    }

    private static byte[] ShakeOf(byte[] input, int rate, int size)
    {
        byte[] output = new byte[size];
        if (rate == Shake.Rate128)
        {
            Shake.Hash128(input, output);
        }
        else
        {
            Shake.Hash256(input, output);
        }

        return output;
    }

    private void PermutesAsOne(int width, Action<ulong[]> permute, int round)
    {
        ulong[] states = new ulong[25 * width];
        foreach (ref ulong word in states.AsSpan())
        {
            word = round switch { 0 => 0, 1 => ulong.MaxValue, _ => (ulong)_random.NextInt64(long.MinValue, long.MaxValue) };
        }

        ulong[][] alone = [.. Enumerable.Range(0, width).Select(lane => Enumerable.Range(0, 25).Select(word => states[(word * width) + lane]).ToArray())];
        permute(states);
        for (int lane = 0; lane < width; lane++)
        {
            KeccakPermutation.Permute(alone[lane]);
            Assert.Equal(alone[lane], Enumerable.Range(0, 25).Select(word => states[(word * width) + lane]));
        }
    }
}
