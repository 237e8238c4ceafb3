using System.Buffers.Binary;
using System.Numerics;

namespace RonKms.PostQuantum.Tests.PreHash;

/// <summary>SHA2-224, SHA2-512/224 and SHA2-512/256 (FIPS 180-4), which the platform lacks: other initial values, and less of the output.</summary>
internal static class TruncatedSha2
{
    private static readonly ulong[] s_constants = [.. Primes().Take(80).Select(CubeRootFraction)];

    internal static byte[] Hash224(byte[] message) => Run(
        message,
        [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4],
        bits: 32)[..28];

    internal static byte[] Hash512To224(byte[] message) => Hash512To(message, 224);

    internal static byte[] Hash512To256(byte[] message) => Hash512To(message, 256);

    // FIPS 180-4, section 5.3.6: the initial value is a hash of the function's name.
    private static byte[] Hash512To(byte[] message, int t)
    {
        ulong[] chain =
        [
            0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
            0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
        ];
        byte[] name = Run(System.Text.Encoding.ASCII.GetBytes($"SHA-512/{t}"), [.. chain.Select(h => h ^ 0xA5A5A5A5A5A5A5A5)], bits: 64);
        ulong[] initial = [.. Enumerable.Range(0, 8).Select(i => BinaryPrimitives.ReadUInt64BigEndian(name.AsSpan(8 * i)))];
        return Run(message, initial, bits: 64)[..(t / 8)];
    }

    private static byte[] Run(byte[] message, ulong[] chain, int bits)
    {
        int word = bits / 8;
        int block = 16 * word;
        byte[] padded = new byte[(message.Length + (2 * word) + block) / block * block];
        message.CopyTo(padded, 0);
        padded[message.Length] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padded.AsSpan(padded.Length - 8), (ulong)message.Length * 8);
        for (int at = 0; at < padded.Length; at += block)
        {
            Compress(chain, padded.AsSpan(at, block), bits);
        }

        byte[] hash = new byte[8 * word];
        for (int i = 0; i < 8; i++)
        {
            Write(hash.AsSpan(i * word, word), chain[i]);
        }

        return hash;
    }

    private static void Compress(ulong[] chain, ReadOnlySpan<byte> block, int bits)
    {
        int word = bits / 8;
        int rounds = bits == 32 ? 64 : 80;
        ulong mask = bits == 32 ? uint.MaxValue : ulong.MaxValue;
        int[] s = bits == 32 ? [7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22] : [1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39];
        ulong Rotate(ulong x, int n) => ((x >> n) | (x << (bits - n))) & mask;
        ulong[] w = new ulong[rounds];
        for (int t = 0; t < rounds; t++)
        {
            w[t] = t < 16
                ? Read(block.Slice(t * word, word))
                : ((Rotate(w[t - 2], s[3]) ^ Rotate(w[t - 2], s[4]) ^ (w[t - 2] >> s[5])) + w[t - 7]
                    + (Rotate(w[t - 15], s[0]) ^ Rotate(w[t - 15], s[1]) ^ (w[t - 15] >> s[2])) + w[t - 16]) & mask;
        }

        ulong[] v = [.. chain];
        for (int t = 0; t < rounds; t++)
        {
            ulong t1 = v[7] + (Rotate(v[4], s[6]) ^ Rotate(v[4], s[7]) ^ Rotate(v[4], s[8])) + ((v[4] & v[5]) ^ (~v[4] & v[6]))
                + (s_constants[t] >> (64 - bits)) + w[t];
            ulong t2 = (Rotate(v[0], s[9]) ^ Rotate(v[0], s[10]) ^ Rotate(v[0], s[11])) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = [(t1 + t2) & mask, v[0], v[1], v[2], (v[3] + t1) & mask, v[4], v[5], v[6]];
        }

        for (int i = 0; i < 8; i++)
        {
            chain[i] = (chain[i] + v[i]) & mask;
        }
    }

    private static ulong Read(ReadOnlySpan<byte> source) =>
        source.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(source) : BinaryPrimitives.ReadUInt64BigEndian(source);

    private static void Write(Span<byte> destination, ulong value)
    {
        for (int i = destination.Length - 1; i >= 0; i--, value >>= 8)
        {
            destination[i] = (byte)value;
        }
    }

    private static IEnumerable<int> Primes() =>
        Enumerable.Range(2, 1000).Where(n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0));

    // The first 64 bits of the fractional part of a cube root: ⌊∛(p·2^192)⌋ mod 2^64.
    private static ulong CubeRootFraction(int prime)
    {
        BigInteger target = (BigInteger)prime << 192;
        BigInteger root = BigInteger.Zero;
        for (int bit = 68; bit >= 0; bit--)
        {
            BigInteger candidate = root | (BigInteger.One << bit);
            if (BigInteger.Pow(candidate, 3) <= target)
            {
                root = candidate;
            }
        }

        return (ulong)(root & ulong.MaxValue);
    }
}
