using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>Signatures made in a token verify elsewhere: with libsodium, with .NET, with the openssl command.</summary>
public abstract partial class OtherVerifierTests : IDisposable
{
    private static readonly byte[] s_message = "a message"u8.ToArray();

    private readonly ScratchDirectory _directory = new();
    private readonly Pkcs11Token _token;
    private readonly Keystore _keystore;

    protected OtherVerifierTests(Pkcs11Token token)
    {
        _token = token;
        _keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
        System.IO.File.WriteAllBytes(_directory["message"], s_message);
    }

    public void Dispose()
    {
        _keystore.Dispose();
        _token.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Ed25519_verifies_with_openssl()
    {
        KeyId key = Make(KeyAlgorithm.Ed25519, out byte[] signature);

        OpenSsl("pkeyutl", "-verify", "-pubin", "-inkey", Pem(key), "-rawin", "-in", _directory["message"], "-sigfile", File(signature));
        signature[0] ^= 1;
        Assert.NotEqual(0, Tool.Run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", Pem(key), "-rawin", "-in", _directory["message"], "-sigfile", File(signature)).Code);
    }

    [Fact]
    public void Ed25519_verifies_with_libsodium()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS(), "This test names libsodium as Linux does.");
        KeyId key = Make(KeyAlgorithm.Ed25519, out byte[] signature);

        Assert.Equal(0, crypto_sign_verify_detached(signature, s_message, (ulong)s_message.Length, _keystore.GetPublicKey(key).Raw.ToArray()));
    }

    [Fact]
    public void P256_verifies_with_net_and_openssl()
    {
        KeyId key = Make(KeyAlgorithm.P256, out byte[] signature);
        using ECDsa ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(_keystore.GetPublicKey(key).ExportSubjectPublicKeyInfo(), out _);

        Assert.True(ecdsa.VerifyData(s_message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        byte[] der = _keystore.Sign(key, s_message, new SignOptions { EcdsaEncoding = EcdsaEncoding.Der });
        Assert.True(ecdsa.VerifyData(s_message, der, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        OpenSsl("dgst", "-sha256", "-verify", Pem(key), "-signature", File(der), _directory["message"]);
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("rsa3072")]
    [InlineData("rsa4096")]
    public void Rsa_verifies_with_net_and_openssl(string algorithm)
    {
        KeyId key = Make(KeyAlgorithm.FindByName(algorithm)!, out byte[] pss);
        byte[] pkcs1 = _keystore.Sign(key, s_message, new SignOptions { RsaPadding = RsaPadding.Pkcs1 });
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(_keystore.GetPublicKey(key).ExportSubjectPublicKeyInfo(), out _);

        Assert.True(rsa.VerifyData(s_message, pss, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        Assert.True(rsa.VerifyData(s_message, pkcs1, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        OpenSsl("dgst", "-sha256", "-verify", Pem(key), "-signature", File(pkcs1), _directory["message"]);
        OpenSsl(
            "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-verify", Pem(key), "-signature", File(pss), _directory["message"]);
    }

    [Fact]
    public void An_envelope_of_the_token_opens_with_the_software_key_of_the_same_bytes()
    {
        // The key is imported on both sides: the token's derivation and the software's are the same.
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        using Keystore hardware = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token, allowImport: true));
        RonKms.Algorithms.AeadAlgorithm algorithm = (RonKms.Algorithms.AeadAlgorithm)RonKms.Algorithms.AlgorithmCatalog.Classical.Find(KeyAlgorithm.Aes256Gcm);
        KeyId key = hardware.Import("acme", "p", KeyAlgorithm.Aes256Gcm, secret);
        byte[] envelope = hardware.Wrap(key, s_message, "ad"u8);
        byte[] associatedData = [.. "RonKms/envelope/v1\0"u8, .. envelope[..21], .. "ad"u8];
        using RonKms.Algorithms.AeadKey opened = algorithm.Open(secret);
        byte[] plaintext = new byte[s_message.Length];

        Assert.True(opened.TryDecrypt(envelope.AsSpan(21, 24), envelope.AsSpan(45, plaintext.Length), envelope.AsSpan(45 + plaintext.Length), plaintext, associatedData));
        Assert.Equal(s_message, plaintext);
    }

    private KeyId Make(KeyAlgorithm algorithm, out byte[] signature)
    {
        KeyId key = _keystore.Create("acme", "p", algorithm);
        Assert.Equal("pkcs11", _keystore.Get(key).Backend);
        signature = _keystore.Sign(key, s_message);
        return key;
    }

    private string Pem(KeyId key)
    {
        System.IO.File.WriteAllText(_directory["key.pem"], _keystore.GetPublicKey(key).ToPem());
        return _directory["key.pem"];
    }

    private string File(byte[] signature)
    {
        System.IO.File.WriteAllBytes(_directory["signature"], signature);
        return _directory["signature"];
    }

    private static void OpenSsl(params string[] arguments)
    {
        (int code, string output) = Tool.Run("openssl", arguments);
        Assert.True(code == 0, output);
    }

    [LibraryImport("libsodium.so.23")]
    private static partial int crypto_sign_verify_detached(byte[] signature, byte[] message, ulong length, byte[] publicKey);
}
