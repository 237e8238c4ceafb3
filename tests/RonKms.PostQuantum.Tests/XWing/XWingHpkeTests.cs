using System.Text.Json;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>HPKE over X-Wing, against the working group's vectors and against another implementation.</summary>
public sealed class XWingHpkeTests : IDisposable
{
    private const int KemXWing = 0x647A;

    private readonly Keystore _kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum());

    public void Dispose() => _kms.Dispose();

    [Fact]
    public void HpkeWorkingGroup()
    {
        const string File = "hpke/hpke_pq_mlkem768_x25519.json";
        VectorTally tally = new(File);
        foreach (JsonElement test in Vectors.Read(File).EnumerateArray())
        {
            Assert.Equal(KemXWing, test.Number("kem_id"));
            Assert.Equal((0, 1), (test.Number("mode"), test.Number("kdf_id")));

            // Of a context's messages this library makes the first alone.
            JsonElement first = test.GetProperty("encryptions")[0];
            HpkeOptions options = Options(test.Number("aead_id"), test.Hex("info"), first.Hex("aad"));
            tally.Add(test.Text("ikmE"), Opens(test.Hex("skRm"), test.Hex("pkRm"), [.. test.Hex("enc"), .. first.Hex("ct")], first.Hex("pt"), options));
        }

        tally.Finish(run: 1);
    }

    [Fact]
    public void OwnVectorsMadeByHpkeCore()
    {
        VectorTally tally = new("hybrid/hpke.json");
        foreach (JsonElement test in OwnVectors.Read("hybrid/hpke.json").GetProperty("cases").EnumerateArray())
        {
            if (test.Number("kem") != KemXWing)
            {
                tally.LeaveOut();
                continue;
            }

            HpkeOptions options = Options(test.Number("aead"), test.Hex("info"), test.Hex("aad"));
            tally.Add(
                $"{test.Number("aead")} {test.Number("case")}",
                Opens(test.Hex("secret"), XWingAlgorithms.PublicKeyOf(test.Hex("secret")), [.. test.Hex("enc"), .. test.Hex("ct")], test.Hex("pt"), options));
        }

        tally.Finish(run: 12, leftOut: 12);
    }

    [Fact]
    public void TheDefaultCipherIsChaCha20Poly1305()
    {
        KeyId key = _kms.Create("auth", "transport", KeyAlgorithm.XWing);
        byte[] ciphertext = _kms.GetPublicKey(key).HpkeSeal("m"u8);
        Assert.Equal(1 + 1136, ciphertext.Length);
        _kms.HpkeOpen(key, ciphertext, new HpkeOptions { Aead = HpkeAead.ChaCha20Poly1305 }).Dispose();
        Refused(() => _kms.HpkeOpen(key, ciphertext, new HpkeOptions { Aead = HpkeAead.Aes256Gcm }));
    }

    [Fact]
    public void OlderVersionOpensAndAnyOtherKeyOrChangeDoesNot()
    {
        KeyId first = _kms.Create("auth", "transport", KeyAlgorithm.XWing);
        KeyId other = _kms.Create("auth", "transport", KeyAlgorithm.XWing);
        byte[] ciphertext = _kms.GetPublicKey(first).HpkeSeal("plaintext"u8);
        KeyId second = _kms.Rotate(first);
        using (SecretBytes opened = _kms.HpkeOpen(first, ciphertext))
        {
            Assert.Equal("plaintext"u8, opened.Reveal());
        }

        Refused(() => _kms.HpkeOpen(second, ciphertext));
        Refused(() => _kms.HpkeOpen(other, ciphertext));
        foreach (int length in new[] { 0, 1088, 1119, 1120, 1135, 1136, ciphertext.Length - 1 })
        {
            Refused(() => _kms.HpkeOpen(first, ciphertext.AsSpan(0, length)));
        }

        // The last byte of the ML-KEM half, the unread bit of the X25519 half, the text, the tag.
        foreach (int at in new[] { 0, 1087, 1088, 1119, 1120, ciphertext.Length - 1 })
        {
            byte[] changed = [.. ciphertext];
            changed[at] ^= 0x80;
            Refused(() => _kms.HpkeOpen(first, changed));
        }
    }

    [Fact]
    public void MLKemAloneHasNoHpke()
    {
        KeyId key = _kms.Create("auth", "transport", KeyAlgorithm.MLKem768);
        Assert.Throws<InvalidOperationException>(() => _kms.GetPublicKey(key).HpkeSeal("m"u8));
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => _kms.HpkeOpen(key, new byte[1200])).ParamName);
    }

    private static void Refused(Action call) => Assert.Equal(KmsError.DecryptionFailed, Assert.Throws<KmsException>(call).Error);

    private static HpkeOptions Options(int aead, byte[] info, byte[] associatedData) =>
        new() { Aead = (HpkeAead)aead, Info = info, AssociatedData = associatedData };

    private bool Opens(byte[] seed, byte[] publicKey, byte[] ciphertext, byte[] plaintext, HpkeOptions options)
    {
        KeyId key = _kms.Import("auth", "transport", KeyAlgorithm.XWing, seed);
        KmsPublicKey held = _kms.GetPublicKey(key);
        using SecretBytes opened = _kms.HpkeOpen(key, ciphertext, options);
        using SecretBytes own = _kms.HpkeOpen(key, held.HpkeSeal(plaintext, options), options);
        return held.Raw.Span.SequenceEqual(publicKey) && opened.Reveal().SequenceEqual(plaintext) && own.Reveal().SequenceEqual(plaintext);
    }
}
