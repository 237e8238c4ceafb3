using System.Security.Cryptography;
using System.Text;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.Sha2;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The hash functions of HashSLH-DSA by the names that the vectors have for them.</summary>
internal static class AcvpPreHash
{
    /// <summary>The object identifier, DER: 2.16.840.1.101.3.4.2 and the last arc.</summary>
    /// <param name="name">The name in the vectors.</param>
    /// <returns>11 bytes.</returns>
    internal static byte[] Oid(string name) => [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, Find(name).Arc];

    /// <summary>The hash of a message.</summary>
    /// <param name="name">The name in the vectors.</param>
    /// <param name="message">The message.</param>
    /// <returns>The hash.</returns>
    internal static byte[] Hash(string name, byte[] message) => Find(name).Hash(message);

    private static (byte Arc, Func<byte[], byte[]> Hash) Find(string name) => name switch
    {
        "SHA2-256" => (1, SHA256.HashData),
        "SHA2-384" => (2, SHA384.HashData),
        "SHA2-512" => (3, SHA512.HashData),
        "SHA2-224" => (4, Sha224),
        "SHA2-512/224" => (5, m => Sha512Truncated("SHA-512/224", 28, m)),
        "SHA2-512/256" => (6, m => Sha512Truncated("SHA-512/256", 32, m)),
        "SHA3-224" => (7, m => Fixed(28, d => Sha3.Hash224(m, d))),
        "SHA3-256" => (8, m => Fixed(32, d => Sha3.Hash256(m, d))),
        "SHA3-384" => (9, m => Fixed(48, d => Sha3.Hash384(m, d))),
        "SHA3-512" => (10, m => Fixed(64, d => Sha3.Hash512(m, d))),
        "SHAKE-128" => (11, m => Fixed(32, d => Shake.Hash128(m, d))),
        "SHAKE-256" => (12, m => Fixed(64, d => Shake.Hash256(m, d))),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static byte[] Fixed(int size, Action<byte[]> hash)
    {
        byte[] destination = new byte[size];
        hash(destination);
        return destination;
    }

    // FIPS 180-4, section 5.3.2.
    private static byte[] Sha224(byte[] message)
    {
        Sha256 sha = Sha256.Create(
            [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4]);
        byte[] hash = new byte[28];
        sha.Append(message);
        sha.Finish(hash);
        return hash;
    }

    // FIPS 180-4, section 5.3.6.
    private static byte[] Sha512Truncated(string name, int size, byte[] message)
    {
        const ulong Mask = 0xA5A5A5A5A5A5A5A5;
        Sha512 generator = Sha512.Create(
        [
            0x6A09E667F3BCC908 ^ Mask, 0xBB67AE8584CAA73B ^ Mask, 0x3C6EF372FE94F82B ^ Mask, 0xA54FF53A5F1D36F1 ^ Mask,
            0x510E527FADE682D1 ^ Mask, 0x9B05688C2B3E6C1F ^ Mask, 0x1F83D9ABFB41BD6B ^ Mask, 0x5BE0CD19137E2179 ^ Mask,
        ]);
        byte[] initial = new byte[64];
        generator.Append(Encoding.ASCII.GetBytes(name));
        generator.Finish(initial);

        ulong[] words = [.. initial.Chunk(8).Select(c => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(c))];
        Sha512 sha = Sha512.Create(words);
        byte[] hash = new byte[size];
        sha.Append(message);
        sha.Finish(hash);
        return hash;
    }
}
