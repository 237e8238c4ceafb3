using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class AeadTests
{
    [Theory]
    [InlineData(1, "", "CE546EF63C9CC60765923609", "B33A9A1974E96E52DAF2FCF7075E2271")]
    [InlineData(3, "c2sp.org/XAES-256-GCM", "986EC1832593DF5443A17943", "7FD083BF3FDB41ABD740A21F71EB769D")]
    public void C2spXAes256Gcm(byte keyByte, string associatedData, string ciphertext, string tag)
    {
        byte[] secret = new byte[32];
        secret.AsSpan().Fill(keyByte);
        using AeadKey key = new XAes256GcmAlgorithm().Open(secret);
        byte[] made = new byte[12];
        byte[] madeTag = new byte[16];
        key.Encrypt("ABCDEFGHIJKLMNOPQRSTUVWX"u8, "XAES-256-GCM"u8, made, madeTag, System.Text.Encoding.ASCII.GetBytes(associatedData));
        Assert.Equal(ciphertext, Convert.ToHexString(made));
        Assert.Equal(tag, Convert.ToHexString(madeTag));
    }

    [Fact]
    public void C2spXAes256GcmAccumulated()
    {
        Assert.SkipUnless(Shake128.IsSupported, "skipped: the platform has no SHAKE128");
        const int Iterations = 10_000;
        XAes256GcmAlgorithm algorithm = new();

        // One long output, because reading piecemeal needs OpenSSL 3.3. A case takes at most 32 + 24 + 2 · (1 + 255) bytes.
        byte[] stream = Shake128.HashData([], Iterations * (32 + 24 + (2 * 256)));
        int position = 0;
        byte[] Read(int length) => stream[position..(position += length)];
        using Shake128 digest = new();
        byte[] ciphertext = new byte[byte.MaxValue];
        byte[] opened = new byte[byte.MaxValue];
        byte[] tag = new byte[16];
        for (int i = 0; i < Iterations; i++)
        {
            byte[] secret = Read(32);
            byte[] nonce = Read(24);
            byte[] plaintext = Read(Read(1)[0]);
            byte[] associatedData = Read(Read(1)[0]);
            using AeadKey key = algorithm.Open(secret);
            Span<byte> made = ciphertext.AsSpan(0, plaintext.Length);
            key.Encrypt(nonce, plaintext, made, tag, associatedData);
            Assert.True(key.TryDecrypt(nonce, made, tag, opened.AsSpan(0, plaintext.Length), associatedData));
            Assert.True(opened.AsSpan(0, plaintext.Length).SequenceEqual(plaintext));
            digest.AppendData(made);
            digest.AppendData(tag);
        }

        Assert.Equal("E6B9EDF2DF6CEC60C8CBD864E2211B597FB69A529160CD040D56C0C210081939", Convert.ToHexString(digest.GetHashAndReset(32)));
    }

    [Fact]
    public void WycheproofXChaCha20Poly1305()
    {
        VectorTally tally = new("wycheproof/xchacha20_poly1305_test.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/xchacha20_poly1305_test.json")))
        {
            using AeadKey key = new XChaCha20Poly1305Algorithm().Open(test.Hex("key"));
            tally.Add(test.Number("tcId"), IsRight(key, test));
        }

        tally.Finish(run: 315);

        static bool IsRight(AeadKey key, JsonElement test)
        {
            byte[] message = test.Hex("msg");
            byte[] ciphertext = new byte[message.Length];
            byte[] opened = new byte[message.Length];
            byte[] tag = new byte[16];
            byte[] nonce = test.Hex("iv");
            if (nonce.Length != AeadAlgorithm.NonceSize)
            {
                Assert.Throws<ArgumentException>(() => key.TryDecrypt(nonce, test.Hex("ct"), test.Hex("tag"), opened, test.Hex("aad")));
                return test.Text("result") == "invalid";
            }

            bool isOpened = key.TryDecrypt(nonce, test.Hex("ct"), test.Hex("tag"), opened, test.Hex("aad"));
            if (test.Text("result") == "invalid")
            {
                return !isOpened;
            }

            key.Encrypt(nonce, message, ciphertext, tag, test.Hex("aad"));
            return isOpened
                && opened.AsSpan().SequenceEqual(message)
                && ciphertext.AsSpan().SequenceEqual(test.Hex("ct"))
                && tag.AsSpan().SequenceEqual(test.Hex("tag"));
        }
    }

    [Fact]
    public void WycheproofAes256GcmOfThePlatform()
    {
        // What XAES-256-GCM and the sealed record rest on: keys of 256 bits, nonces of 96, whole tags.
        VectorTally tally = new("wycheproof/aes_gcm_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/aes_gcm_test.json")))
        {
            if (group.Number("keySize") != 256 || group.Number("ivSize") != 96 || group.Number("tagSize") != 128)
            {
                tally.LeaveOut();
                continue;
            }

            using AesGcm cipher = new(test.Hex("key"), 16);
            tally.Add(test.Number("tcId"), IsRight(test, cipher.Encrypt, cipher.Decrypt));
        }

        tally.Finish(run: 66, leftOut: 250);
    }

    [Fact]
    public void WycheproofChaCha20Poly1305OfThePlatform()
    {
        // What public-key envelopes rest on: nonces of 96 bits.
        Assert.SkipUnless(ChaCha20Poly1305.IsSupported, "skipped: the platform has no ChaCha20-Poly1305");
        VectorTally tally = new("wycheproof/chacha20_poly1305_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/chacha20_poly1305_test.json")))
        {
            if (group.Number("ivSize") != 96)
            {
                tally.LeaveOut();
                continue;
            }

            using ChaCha20Poly1305 cipher = new(test.Hex("key"));
            tally.Add(test.Number("tcId"), IsRight(test, cipher.Encrypt, cipher.Decrypt));
        }

        tally.Finish(run: 316, leftOut: 9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void XAesKeyOfAnotherSizeIsAnArgumentError(int size) =>
        Assert.Throws<ArgumentException>(() => new XAes256GcmAlgorithm().Open(new byte[size]));

    private static bool IsRight(
        JsonElement test, Action<byte[], byte[], byte[], byte[], byte[]> encrypt, Action<byte[], byte[], byte[], byte[], byte[]> decrypt)
    {
        byte[] message = test.Hex("msg");
        byte[] opened = new byte[message.Length];
        if (test.Text("result") == "invalid")
        {
            Assert.Throws<AuthenticationTagMismatchException>(() => decrypt(test.Hex("iv"), test.Hex("ct"), test.Hex("tag"), opened, test.Hex("aad")));
            return true;
        }

        byte[] ciphertext = new byte[message.Length];
        byte[] tag = new byte[16];
        encrypt(test.Hex("iv"), message, ciphertext, tag, test.Hex("aad"));
        decrypt(test.Hex("iv"), test.Hex("ct"), test.Hex("tag"), opened, test.Hex("aad"));
        return opened.AsSpan().SequenceEqual(message)
            && ciphertext.AsSpan().SequenceEqual(test.Hex("ct"))
            && tag.AsSpan().SequenceEqual(test.Hex("tag"));
    }
}
