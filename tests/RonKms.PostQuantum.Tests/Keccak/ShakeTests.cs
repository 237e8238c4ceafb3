using System.Security.Cryptography;
using System.Text;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.Tests.Keccak;

public sealed class ShakeTests
{
    // The examples that NIST publishes with FIPS 202: the empty message, and 1600 bits of 0xA3.
    [Theory]
    [InlineData(128, 0, "7F9C2BA4E88F827D616045507605853ED73B8093F6EFBC88EB1A6EACFA66EF26")]
    [InlineData(128, 200, "131AB8D2B594946B9C81333F9BB6E0CE75C3B93104FA3469D3917457385DA037")]
    [InlineData(256, 0, "46B9DD2B0BA88D13233B3FEB743EEB243FCD52EA62B81B82B50C27646ED5762F")]
    [InlineData(256, 200, "CD8A920ED141AA0407A22D59288652E9D9F1A7EE0C1E7C1CA699424DA84A904D")]
    public void NistExample(int bits, int length, string expected)
    {
        byte[] message = Enumerable.Repeat((byte)0xA3, length).ToArray();
        byte[] output = new byte[expected.Length / 2];
        OneShot(bits)(message, output);
        Assert.Equal(expected, Convert.ToHexString(output));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    public void EveryLengthAroundABlockGivesWhatThePlatformGives(int bits)
    {
        Assert.SkipUnless(System.Security.Cryptography.Shake256.IsSupported, "not run: the platform has no SHAKE");
        for (int length = 0; length < 350; length++)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            byte[] output = new byte[1 + length];
            OneShot(bits)(message, output);
            Assert.Equal(Platform(bits, message, output.Length), output);
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    public void PiecesInAndOutGiveTheWhole(int bits)
    {
        Random random = new(20261121);
        for (int round = 0; round < 200; round++)
        {
            byte[] message = new byte[random.Next(700)];
            random.NextBytes(message);
            byte[] whole = new byte[random.Next(700)];
            OneShot(bits)(message, whole);

            ulong[] state = new ulong[Shake.StateLanes];
            Array.Fill(state, ulong.MaxValue);
            using Shake shake = bits == 128 ? Shake.Shake128(state) : Shake.Shake256(state);
            for (int i = 0; i < message.Length;)
            {
                int length = Math.Min(random.Next(300), message.Length - i);
                shake.Absorb(message.AsSpan(i, length));
                i += length;
            }

            byte[] pieces = new byte[whole.Length];
            for (int i = 0; i < pieces.Length;)
            {
                int length = Math.Min(random.Next(300), pieces.Length - i);
                shake.Squeeze(pieces.AsSpan(i, length));
                i += length;
            }

            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public void ResetStartsAgain()
    {
        byte[] expected = new byte[64];
        byte[] actual = new byte[64];
        Shake.Hash256("abc"u8, expected);
        using Shake shake = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        shake.Absorb(Encoding.UTF8.GetBytes("something else"));
        shake.Squeeze(actual);
        shake.Reset();
        shake.Absorb("abc"u8);
        shake.Squeeze(actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void DisposalWipesTheState()
    {
        ulong[] state = new ulong[Shake.StateLanes];
        Shake shake = Shake.Shake256(state);
        shake.Absorb("secret"u8);
        shake.Squeeze(new byte[1]);
        Assert.Contains(state, lane => lane != 0);
        shake.Dispose();
        Assert.All(state, lane => Assert.Equal(0ul, lane));
    }

    [Fact]
    public void InputAfterOutputIsRefused()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            Shake shake = Shake.Shake128(new ulong[Shake.StateLanes]);
            shake.Squeeze(new byte[1]);
            shake.Absorb("late"u8);
        });
    }

    private static Action<byte[], byte[]> OneShot(int bits) =>
        bits == 128 ? (source, destination) => Shake.Hash128(source, destination) : (source, destination) => Shake.Hash256(source, destination);

    private static byte[] Platform(int bits, byte[] message, int length) => bits == 128
        ? System.Security.Cryptography.Shake128.HashData(message, length)
        : System.Security.Cryptography.Shake256.HashData(message, length);
}
