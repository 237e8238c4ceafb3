using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.Keystores;

/// <summary>What the post-quantum modes choose, and what they refuse as a downgrade.</summary>
public sealed class PqModeTests
{
    private static readonly byte[] s_kek = new byte[32];
    private static readonly byte[] s_message = "a message"u8.ToArray();

    /// <summary>The two modes that refuse what is classical only.</summary>
    public static TheoryData<PqMode> Modes => [PqMode.Hybrid, PqMode.PostQuantum];

    public static TheoryData<PqMode, string> ClassicalKeys
    {
        get
        {
            TheoryData<PqMode, string> keys = [];
            foreach (PqMode mode in new[] { PqMode.Hybrid, PqMode.PostQuantum })
            {
                foreach (string name in new[] { "ed25519", "x25519", "p256", "rsa2048", "rsa3072", "rsa4096" })
                {
                    keys.Add(mode, name);
                }
            }

            return keys;
        }
    }

    [Theory]
    [InlineData(PqMode.Classical, "ed25519", "x25519")]
    [InlineData(PqMode.Hybrid, "ed25519+mldsa65", "xwing")]
    [InlineData(PqMode.PostQuantum, "mldsa65", "mlkem768")]
    public void ModeChoosesTheAlgorithms(PqMode mode, string signing, string kem)
    {
        using Keystore kms = Keystore.InMemory(Options(mode));
        Assert.Equal(signing, kms.CreateSigningKey("acme", "p").Algorithm.Name);
        Assert.Equal(kem, kms.CreateKemKey("acme", "q").Algorithm.Name);
    }

    [Theory]
    [MemberData(nameof(ClassicalKeys))]
    public void ClassicalKeysAreNotMadeOrImported(PqMode mode, string name)
    {
        KeyAlgorithm algorithm = KeyAlgorithm.FindByName(name)!;
        using Keystore kms = Keystore.InMemory(Options(mode));
        Refuses(() => kms.Create("acme", "p", algorithm));
        Refuses(() => kms.Import("acme", "p", algorithm, new byte[32]));
        Refuses(() => kms.ImportPkcs8("acme", "p", algorithm, new byte[32]));
        if (algorithm.Use == KeyUse.Sign)
        {
            Refuses(() => kms.CreateAttestationKey(algorithm));
        }

        Assert.Empty(kms.List());
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void ClassicalKeysOfBeforeOnlyVerifyAndDecapsulate(PqMode mode)
    {
        using ScratchDirectory directory = new();
        KeyId signing;
        KeyId kem;
        byte[] signature;
        byte[] ciphertext;
        byte[] sent;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(PqMode.Classical)))
        {
            signing = kms.CreateSigningKey("acme", "signing");
            kem = kms.CreateKemKey("acme", "transport");
            signature = kms.Sign(signing, s_message);
            using Encapsulation made = kms.Encapsulate(kem, out _);
            ciphertext = made.Ciphertext.ToArray();
            sent = made.SharedSecret.Reveal().ToArray();
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(mode)))
        {
            byte[] buffer = [.. Enumerable.Repeat((byte)0xA5, 64)];
            Refuses(() => kms.Sign(signing, s_message));
            Refuses(() => kms.Sign(signing.Latest, s_message, buffer, out _));
            Assert.Equal(new byte[64], buffer);
            byte[] shared = [.. Enumerable.Repeat((byte)0xA5, 32)];
            Refuses(() => kms.Encapsulate(kem, out _));
            Refuses(() => kms.Encapsulate(kem, new byte[32], shared, out _));
            Assert.Equal(new byte[32], shared);
            Refuses(() => kms.Rotate(signing));
            Refuses(() => kms.Rotate(kem.Latest));
            Refuses(() => kms.ForCaller("bob").Sign(signing, s_message));
            Assert.Equal(1u, kms.Get(signing).LatestVersion);

            Assert.True(kms.Verify(signing, s_message, signature));
            Assert.True(kms.GetPublicKey(signing).Verify(s_message, signature));
            using (SecretBytes received = kms.Decapsulate(kem, ciphertext))
            {
                Assert.Equal(sent, received.Reveal());
            }

            kms.Disable(signing);
            kms.Enable(signing);
            kms.Destroy(signing);
            Assert.True(kms.Verify(signing, s_message, signature));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void PublicKeyOfTheKeystoreKeepsItsRules(PqMode mode)
    {
        using ScratchDirectory directory = new();
        KeyId kem;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(PqMode.Classical)))
        {
            kem = kms.CreateKemKey("acme", "transport");
            using Encapsulation allowed = kms.GetPublicKey(kem).Encapsulate();
            Assert.Equal(32, allowed.Ciphertext.Length);
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(mode)))
        {
            KmsPublicKey publicKey = kms.GetPublicKey(kem);
            Refuses(() => publicKey.Encapsulate());
            Refuses(() => publicKey.Encapsulate(new byte[32], new byte[32]));
            Refuses(() => publicKey.HpkeSeal(s_message));
            Refuses(() => publicKey.HpkeSeal(s_message, new byte[100]));

            // One that came from elsewhere is the caller's own affair.
            using Encapsulation made = KmsPublicKey.FromRaw(KeyAlgorithm.X25519, publicKey.Raw.Span).Encapsulate();
            Assert.Equal(32, made.Ciphertext.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void PolicyThatTakesTheClassicalHalfAloneIsRefused(PqMode mode)
    {
        using Keystore kms = Keystore.InMemory(Options(mode));
        KeyId key = kms.Create("acme", "p", KeyAlgorithm.Ed25519MLDsa65);
        byte[] signature = kms.Sign(key, s_message);
        SignOptions either = new() { HybridPolicy = HybridPolicy.Either };
        Refuses(() => kms.Verify(key, s_message, signature, either));
        Refuses(() => kms.GetPublicKey(key).Verify(s_message, signature, either));
        bool[] verdicts = [true];
        Refuses(() => kms.VerifyBatch(new[] { new VerifyItem(key, s_message, signature, either) }, verdicts));
        Assert.Equal([false], verdicts);

        Assert.True(kms.Verify(key, s_message, signature));
        Assert.True(kms.Verify(key, s_message, signature, new SignOptions { HybridPolicy = HybridPolicy.PostQuantum }));
        KmsPublicKey elsewhere = KmsPublicKey.FromRaw(key.Algorithm, kms.GetPublicKey(key).Raw.Span, TestedProvider.Catalog);
        Assert.True(elsewhere.Verify(s_message, signature, either));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void PostQuantumHybridAndSymmetricKeysWork(PqMode mode)
    {
        using Keystore kms = Keystore.InMemory(Options(mode));
        foreach (KeyAlgorithm algorithm in new[] { KeyAlgorithm.MLDsa65, KeyAlgorithm.Ed25519MLDsa65, KeyAlgorithm.CompositeMLDsa65Ed25519 })
        {
            KeyId key = kms.Rotate(kms.Create("acme", "p", algorithm));
            Assert.True(kms.Verify(key, s_message, kms.Sign(key, s_message)));
        }

        KeyId kem = kms.Create("acme", "p", KeyAlgorithm.MLKem512);
        using (Encapsulation made = kms.Encapsulate(kem, out _))
        {
            Assert.Equal(768, made.Ciphertext.Length);
        }

        KeyId xwing = kms.Rotate(kms.Create("acme", "p", KeyAlgorithm.XWing));
        using (SecretBytes opened = kms.HpkeOpen(xwing, kms.GetPublicKey(xwing).HpkeSeal(s_message)))
        {
            Assert.Equal(s_message, opened.Reveal());
        }

        KeyId wrapping = kms.Rotate(kms.Create("acme", "p", KeyAlgorithm.Aes256Gcm));
        using (SecretBytes plaintext = kms.Unwrap(wrapping, kms.Wrap(wrapping, s_message)))
        {
            Assert.Equal(s_message, plaintext.Reveal());
        }

        KeyId mac = kms.Create("acme", "p", KeyAlgorithm.HmacSha256);
        byte[] code = new byte[32];
        kms.ComputeMac(mac, s_message, code, out _);
        Assert.True(kms.VerifyMac(mac, s_message, code));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void ClassicalAttestationKeyAttestsNoMoreAndIsReplaced(PqMode mode)
    {
        using ScratchDirectory directory = new();
        KeyId key;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(PqMode.Classical)))
        {
            key = kms.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
            kms.CreateAttestationKey(KeyAlgorithm.Ed25519);
            Assert.NotNull(kms.Attest(key).SignedBy);
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(mode)))
        {
            Refuses(() => kms.Attest(key));
            Refuses(() => kms.CreateAttestationKey(KeyAlgorithm.Ed25519));
            KeyId signer = kms.CreateAttestationKey(KeyAlgorithm.CompositeMLDsa65Ed25519);
            Assert.Equal(signer, kms.Attest(key).SignedBy);
        }
    }

    private static KeystoreOptions Options(PqMode mode) =>
        new KeystoreOptions { PqMode = mode }.UsePostQuantum(PostQuantumProvider.Managed);

    private static void Refuses(Action call)
    {
        KmsException refused = Assert.Throws<KmsException>(call);
        Assert.Equal(KmsError.DowngradeRefused, refused.Error);
        Assert.False(refused.IsRetryable);
        Assert.Contains("PqMode.", refused.Message, StringComparison.Ordinal);
    }
}
