using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Keys;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>A second module, of other makers: NSS softokn, which browsers use. It does not say of any key that it was made there.</summary>
public sealed class NssTests : IDisposable
{
    private static readonly byte[] s_message = "a message"u8.ToArray();
    private static readonly byte[] s_kek = new byte[32];

    private readonly ScratchDirectory _directory = new();
    private readonly Pkcs11Token _token = Nss.Open();

    /// <summary>What it says that it has mechanisms for.</summary>
    public static TheoryData<string> InToken { get; } = ["ed25519", "p256", "rsa2048", "aes256gcm", "mldsa44", "mldsa65", "mldsa87", "mlkem768", "mlkem1024"];

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(InToken))]
    public void A_key_that_it_does_not_vouch_for_is_refused(string name)
    {
        KeyAlgorithm algorithm = Known(name);
        using Pkcs11Token strict = Nss.Open(acceptUnvouched: false);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePostQuantum().UsePkcs11(strict));
        int before = TokenKeyTests.CountObjects(_token);

        // It offers the mechanisms, makes the key, and does not say of it that it was made there.
        KmsException refusal = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", algorithm));

        Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
        Assert.Contains("CKA_LOCAL", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("acceptUnvouched", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(keystore.List());
        Assert.Equal(before, TokenKeyTests.CountObjects(_token));
        KeyId inSoftware = keystore.Create("acme", "q", KeyAlgorithm.X25519);
        Assert.Equal("software", keystore.Get(inSoftware).Backend);
    }

    [Theory]
    [MemberData(nameof(InToken))]
    public void A_key_that_is_accepted_acts_in_the_token_is_found_again_and_is_attested_as_it_is(string name)
    {
        KeyAlgorithm algorithm = Known(name);
        int before = TokenKeyTests.CountObjects(_token);
        KeyId key;
        byte[] made;
        byte[] expected;
        using (Keystore keystore = OpenStore())
        {
            key = keystore.Create("acme", "p", algorithm);
            Assert.Equal("pkcs11", keystore.Get(key).Backend);
            made = Use(keystore, key, out expected);
        }

        using (Keystore keystore = OpenStore())
        {
            Check(keystore, key, made, expected);
            Check(keystore, key, Use(keystore, key, out expected), expected);
            using JsonDocument attestation = JsonDocument.Parse(keystore.Attest(key).Json);
            JsonElement custody = attestation.RootElement.GetProperty("custody");
            Assert.Equal("0", custody.GetProperty("local").GetString());
            Assert.Equal("1", custody.GetProperty("sensitive").GetString());
            Assert.Equal("1", custody.GetProperty("always_sensitive").GetString());
            Assert.Equal("0", custody.GetProperty("extractable").GetString());
            Assert.Equal("1", custody.GetProperty("never_extractable").GetString());
            keystore.Destroy(key);
        }

        Assert.Equal(before, TokenKeyTests.CountObjects(_token));
    }

    [Theory]
    [InlineData("mldsa44")]
    [InlineData("mldsa65")]
    [InlineData("mldsa87")]
    public void A_signature_by_MLDsa_holds_for_its_context_alone(string name)
    {
        KeyAlgorithm algorithm = Known(name);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed).UsePkcs11(_token));
        KeyId key = keystore.Create("acme", "p", algorithm);
        SignOptions context = new() { Context = new byte[255] };

        byte[] plain = keystore.Sign(key, s_message);
        byte[] signature = keystore.Sign(key, s_message, context);
        byte[] empty = keystore.Sign(key, []);

        Assert.True(keystore.Verify(key, s_message, plain));
        Assert.False(keystore.Verify(key, s_message, plain, context));
        Assert.True(keystore.Verify(key, s_message, signature, context));
        Assert.False(keystore.Verify(key, s_message, signature));
        Assert.False(keystore.Verify(key, s_message, signature, new SignOptions { Context = new byte[254] }));
        Assert.True(keystore.Verify(key, [], empty));
        keystore.Destroy(key);
    }

    [Fact]
    public void A_parameter_set_that_it_does_not_report_stays_in_software()
    {
        KeyAlgorithm algorithm = Known("mlkem512");
        using Keystore keystore = OpenStore();

        bool isReported = _token.Connection.FindMechanism(CK.CKM_ML_KEM)!.Value.ulMinKeySize.Value <= (nuint)algorithm.PublicKeySize;

        Assert.Equal(isReported ? "pkcs11" : "software", keystore.Get(keystore.Create("acme", "p", algorithm)).Backend);
    }

    [Theory]
    [InlineData("mlkem768")]
    [InlineData("mlkem1024")]
    public void The_same_seed_decapsulates_in_it_as_in_software_also_what_was_never_encapsulated(string name)
    {
        KeyAlgorithm algorithm = Known(name);
        byte[] seed = RandomNumberGenerator.GetBytes(64);
        using Keystore hardware = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed).UsePkcs11(_token, allowImport: true));
        using Keystore software = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
        KeyId inToken = hardware.Import("acme", "p", algorithm, seed);
        KeyId inSoftware = software.Import("acme", "p", algorithm, seed);
        Assert.Equal("pkcs11", hardware.Get(inToken).Backend);
        using Encapsulation encapsulation = software.Encapsulate(inSoftware, out _);
        byte[] ciphertext = encapsulation.Ciphertext.ToArray();

        using SecretBytes secret = hardware.Decapsulate(inToken, ciphertext);
        ciphertext[0] ^= 1;
        using SecretBytes rejected = hardware.Decapsulate(inToken, ciphertext);
        using SecretBytes rejectedInSoftware = software.Decapsulate(inSoftware, ciphertext);

        Assert.Equal(encapsulation.SharedSecret.Reveal(), secret.Reveal());
        Assert.Equal(rejectedInSoftware.Reveal(), rejected.Reveal());
        Assert.False(secret.Reveal().SequenceEqual(rejected.Reveal()));
        Assert.Equal(KmsError.DecryptionFailed, Assert.Throws<KmsException>(() => hardware.Decapsulate(inToken, ciphertext.AsSpan(1)).Dispose()).Error);
        hardware.Destroy(inToken);
    }

    [Theory]
    [InlineData("mldsa44")]
    [InlineData("mldsa65")]
    [InlineData("mldsa87")]
    public void The_same_seed_signs_in_it_for_the_public_key_that_software_derives(string name)
    {
        KeyAlgorithm algorithm = Known(name);
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        using Keystore hardware = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed).UsePkcs11(_token, allowImport: true));
        using Keystore software = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
        KeyId inToken = hardware.Import("acme", "p", algorithm, seed);
        KeyId inSoftware = software.Import("acme", "p", algorithm, seed);

        Assert.Equal("pkcs11", hardware.Get(inToken).Backend);
        Assert.True(software.Verify(inSoftware, s_message, hardware.Sign(inToken, s_message)));
        Assert.True(hardware.Verify(inToken, s_message, software.Sign(inSoftware, s_message)));
        hardware.Destroy(inToken);
    }

    [Fact]
    public void A_store_opens_by_a_key_in_it()
    {
        using (Pkcs11Token strict = Nss.Open(acceptUnvouched: false))
        {
            Assert.Contains("CKA_LOCAL", Assert.Throws<KmsException>(() => strict.CreateKek("nss-kek")).Message, StringComparison.Ordinal);
        }

        KeyId key;
        using (Keystore keystore = Keystore.OpenOrCreate(_directory.Store, _token.CreateKek("nss-kek"), new KeystoreOptions()))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        }

        using (Pkcs11Token strict = Nss.Open(acceptUnvouched: false))
        {
            Assert.Contains("CKA_LOCAL", Assert.Throws<KmsException>(() => strict.OpenKek("nss-kek")).Message, StringComparison.Ordinal);
        }

        using Keystore again = Keystore.Open(_directory.Store, _token.OpenKek("nss-kek"));
        Assert.Equal(KeyState.Enabled, again.Get(key).State);
    }

    [Fact]
    public void It_takes_no_anchor_and_says_so()
    {
        KmsException refusal = Assert.Throws<KmsException>(
            () => Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(s_kek), new KeystoreOptions { Anchor = _token.Anchor }).Dispose());

        Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
    }

    [Fact]
    public void A_wrong_pin_is_denied() =>
        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(Nss.Uri, "incorrect pony"u8)).Error);

    private Keystore OpenStore() => Keystore.OpenOrCreate(
        _directory.Store, KeyEncryptionKey.FromBytes(s_kek), new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed).UsePkcs11(_token));

    private static KeyAlgorithm Known(string name) => KeyAlgorithm.FindByName(name)!;

    private static byte[] Use(Keystore keystore, KeyId key, out byte[] expected)
    {
        expected = s_message;
        if (key.Algorithm.Use != KeyUse.Encapsulate)
        {
            return key.Algorithm.Use == KeyUse.Wrap ? keystore.Wrap(key, s_message, "ad"u8) : keystore.Sign(key, s_message);
        }

        using Encapsulation encapsulation = keystore.Encapsulate(key, out _);
        expected = encapsulation.SharedSecret.Reveal().ToArray();
        return encapsulation.Ciphertext.ToArray();
    }

    private static void Check(Keystore keystore, KeyId key, byte[] made, byte[] expected)
    {
        if (key.Algorithm.Use == KeyUse.Sign)
        {
            Assert.True(keystore.Verify(key, expected, made));
            return;
        }

        using SecretBytes found = key.Algorithm.Use == KeyUse.Wrap ? keystore.Unwrap(key, made, "ad"u8) : keystore.Decapsulate(key, made);
        Assert.Equal(expected, found.Reveal().ToArray());
    }
}
