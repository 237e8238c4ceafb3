using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

/// <summary>HPKE over X25519 against the RFC and against another implementation. Over X-Wing: RonKms.PostQuantum.Tests.</summary>
public sealed class HpkeTests
{
    private const string Rfc9180 = "hpke/rfc9180_x25519_hkdfsha256.json";
    private const int KemX25519 = 0x0020;

    private static readonly X25519Algorithm s_kem = new();

    [Fact]
    public void Rfc9180BaseMode()
    {
        VectorTally tally = new(Rfc9180);
        foreach (JsonElement test in Vectors.Read(Rfc9180).EnumerateArray())
        {
            // The other modes are not this library's. Of a context's messages it makes the first alone.
            if (test.Number("mode") != 0)
            {
                tally.LeaveOut();
                continue;
            }

            JsonElement first = test.GetProperty("encryptions")[0];
            tally.Add(
                test.Text("enc"),
                SealsAndOpens(test.Hex("skRm"), test.Hex("skEm"), Options(test.Number("aead_id"), test.Hex("info"), first.Hex("aad")), first.Hex("pt"), test.Hex("enc"), first.Hex("ct"))
                    && DerivesKeyAndNonce(test));
        }

        tally.Finish(run: 1, leftOut: 3);
    }

    [Fact]
    public void OwnVectorsMadeByHpkeCore()
    {
        VectorTally tally = new("hybrid/hpke.json");
        foreach (JsonElement test in OwnVectors.Read("../hybrid/hpke.json").GetProperty("cases").EnumerateArray())
        {
            if (test.Number("kem") != KemX25519)
            {
                tally.LeaveOut();
                continue;
            }

            HpkeOptions options = Options(test.Number("aead"), test.Hex("info"), test.Hex("aad"));
            tally.Add(
                $"{test.Number("aead")} {test.Number("case")}",
                SealsAndOpens(test.Hex("secret"), test.Hex("randomness"), options, test.Hex("pt"), test.Hex("enc"), test.Hex("ct")));
        }

        tally.Finish(run: 12, leftOut: 12);
    }

    [Fact]
    public void ADefaultCipherIsTheAlgorithmsOwn()
    {
        using SecretBytes secret = s_kem.GenerateSecret();
        KmsPublicKey publicKey = KmsPublicKey.FromRaw(KeyAlgorithm.X25519, PublicKeyOf(secret.Reveal()));
        using DecapsulationKey key = s_kem.Open(secret.Reveal(), publicKey.Raw.Span);
        byte[] sealedText = publicKey.HpkeSeal("m"u8);

        Assert.True(TryOpen(key, sealedText, new HpkeOptions { Aead = HpkeAead.Aes256Gcm }));
        Assert.False(TryOpen(key, sealedText, new HpkeOptions { Aead = HpkeAead.ChaCha20Poly1305 }));
    }

    [Fact]
    public void SealingTwiceGivesNothingInCommon()
    {
        KmsPublicKey key = NewKey();
        byte[] one = key.HpkeSeal(new byte[32]);
        byte[] other = key.HpkeSeal(new byte[32]);
        Assert.Equal(32 + 48, one.Length);
        Assert.NotEqual(one[..32], other[..32]);
        Assert.NotEqual(one[32..64], other[32..64]);
        Assert.NotEqual(one[64..], other[64..]);
    }

    [Theory]
    [InlineData((HpkeAead)1)]
    [InlineData((HpkeAead)4)]
    [InlineData((HpkeAead)0xFFFF)]
    [InlineData((HpkeAead)0x10002)]
    public void AnUnknownCipherIsAnArgumentError(HpkeAead aead) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NewKey().HpkeSeal("m"u8, new HpkeOptions { Aead = aead }));

    [Fact]
    public void AKeyThatDoesNotDecapsulateCannotBeSealedTo()
    {
        byte[] raw = new byte[32];
        Assert.True(new Ed25519Algorithm().TryGetPublicKey(new byte[32], raw));
        KmsPublicKey signing = KmsPublicKey.FromRaw(KeyAlgorithm.Ed25519, raw);
        Assert.Throws<InvalidOperationException>(() => signing.HpkeSeal("m"u8));
        Assert.Throws<InvalidOperationException>(() => signing.HpkeSeal("m"u8, new byte[100]));
    }

    [Fact]
    public void SealedBytesGoIntoADestinationThatIsLargeEnough()
    {
        KmsPublicKey key = NewKey();
        byte[] destination = new byte[60];
        destination.AsSpan().Fill(0xEE);
        Assert.Equal(51, key.HpkeSeal("abc"u8, destination));
        Assert.Equal(-1, destination.AsSpan(51).IndexOfAnyExcept((byte)0xEE));
        Assert.Throws<ArgumentException>(() => key.HpkeSeal("abc"u8, destination.AsSpan(0, 50)));
    }

    [Fact]
    public void ADestinationOverAnInputIsAnArgumentError()
    {
        KmsPublicKey key = NewKey();
        byte[] buffer = new byte[200];
        Assert.Throws<ArgumentException>(() => key.HpkeSeal(buffer.AsSpan(190), buffer.AsSpan(0, 191)));
        Assert.Throws<ArgumentException>(() => key.HpkeSeal("m"u8, buffer, new HpkeOptions { Info = buffer.AsMemory(50, 1) }));
        Assert.Throws<ArgumentException>(() => key.HpkeSeal("m"u8, buffer, new HpkeOptions { AssociatedData = buffer.AsMemory(50, 1) }));
    }

    private static bool SealsAndOpens(byte[] secret, byte[] ephemeral, HpkeOptions options, byte[] plaintext, byte[] enc, byte[] ct)
    {
        Hpke hpke = Hpke.With(s_kem, options)!.Value;
        byte[] publicKey = PublicKeyOf(secret);
        byte[] madeEnc = new byte[enc.Length];
        byte[] sharedSecret = new byte[32];
        byte[] madeCt = new byte[ct.Length];
        byte[] opened = new byte[plaintext.Length];
        using DecapsulationKey key = s_kem.Open(secret, publicKey);
        Assert.True(DhKem.TryEncapsulate(publicKey, ephemeral, madeEnc, sharedSecret));
        hpke.Encrypt(sharedSecret, plaintext, madeCt);
        return madeEnc.AsSpan().SequenceEqual(enc)
            && madeCt.AsSpan().SequenceEqual(ct)
            && Entered(key, () => hpke.TryOpen(key, [.. enc, .. ct], opened))
            && opened.AsSpan().SequenceEqual(plaintext);
    }

    private static bool DerivesKeyAndNonce(JsonElement test)
    {
        byte[] key = new byte[32];
        byte[] nonce = new byte[12];
        HpkeKeySchedule.Derive(
            (ushort)test.Number("kem_id"), (HpkeAead)test.Number("aead_id"), test.Hex("shared_secret"), test.Hex("info"), key, nonce);
        return key.AsSpan().SequenceEqual(test.Hex("key")) && nonce.AsSpan().SequenceEqual(test.Hex("base_nonce"));
    }

    private static bool TryOpen(DecapsulationKey key, byte[] ciphertext, HpkeOptions options)
    {
        Hpke hpke = Hpke.With(s_kem, options)!.Value;
        return Entered(key, () => hpke.TryOpen(key, ciphertext, new byte[hpke.PlaintextSize(ciphertext)]));
    }

    private static bool Entered(DecapsulationKey key, Func<bool> use)
    {
        Assert.True(key.TryEnter());
        try
        {
            return use();
        }
        finally
        {
            key.Leave();
        }
    }

    private static HpkeOptions Options(int aead, byte[] info, byte[] associatedData) =>
        new() { Aead = (HpkeAead)aead, Info = info, AssociatedData = associatedData };

    private static byte[] PublicKeyOf(ReadOnlySpan<byte> secret)
    {
        byte[] publicKey = new byte[32];
        Assert.True(s_kem.TryGetPublicKey(secret, publicKey));
        return publicKey;
    }

    private static KmsPublicKey NewKey()
    {
        using SecretBytes secret = s_kem.GenerateSecret();
        return KmsPublicKey.FromRaw(KeyAlgorithm.X25519, PublicKeyOf(secret.Reveal()));
    }
}
