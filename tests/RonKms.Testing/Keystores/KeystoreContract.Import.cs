using System.Security.Cryptography;
using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>Keys that are brought in.</content>
public abstract partial class KeystoreContract
{
    private static readonly Lazy<byte[]> s_rsaPkcs8 = new(() =>
    {
        using RSA rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKey();
    });

    // RFC 8032, section 7.1, test 1.
    private static readonly byte[] s_seed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    private static readonly byte[] s_publicKey = Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    private static readonly byte[] s_signatureOfNothing = Convert.FromHexString(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");

    private static readonly byte[] s_ed25519Pkcs8Prefix = Convert.FromHexString("302e020100300506032b657004220420");

    [Fact]
    public void An_imported_Ed25519_key_signs_as_its_standard_says()
    {
        KeyId key = Keystore.Import("acme", "p", KeyAlgorithm.Ed25519, s_seed);

        Assert.Equal(s_publicKey, Keystore.GetPublicKey(key).Raw.ToArray());
        Assert.Equal(s_signatureOfNothing, Keystore.Sign(key, []));
        Assert.True(Keystore.Get(key).IsImported);
        Assert.Equal(1u, key.Version);
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("x25519")]
    [InlineData("aes256gcm")]
    [InlineData("chacha20poly1305")]
    [InlineData("hmacsha256")]
    public void A_secret_of_32_bytes_is_imported_and_works(string algorithm)
    {
        KeyId key = Keystore.Import("acme", "p", Known(algorithm), s_seed);

        Assert.Equal(key, UsedBy(key.Latest));
        Assert.True(Keystore.Get(key).IsImported);
        Assert.False(Keystore.Get(Keystore.Rotate(key)).IsImported);
        Assert.True(Keystore.Get(key).IsImported);
    }

    [Fact]
    public void An_imported_code_key_computes_as_HMAC_does()
    {
        KeyId key = Keystore.Import("acme", "p", KeyAlgorithm.HmacSha256, s_seed);

        Assert.Equal(HMACSHA256.HashData(s_seed, "m"u8), Keystore.ComputeMac(key, "m"u8, out _));
    }

    [Fact]
    public void Import_keeps_lifetime_and_labels()
    {
        DateTimeOffset end = Time.GetUtcNow() + TriedKey.Lifetime;
        Dictionary<string, string> labels = new() { ["from"] = "elsewhere" };

        KeyInfo info = Keystore.Get(Keystore.Import("acme", "p", KeyAlgorithm.Ed25519, s_seed, new() { NotAfter = end, Labels = labels }));

        Assert.Equal(end, info.NotAfter);
        Assert.Equal(labels, info.Labels);
    }

    [Fact]
    public void Pkcs8_of_each_asymmetric_family_is_imported_and_works()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using RSA rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(s_rsaPkcs8.Value, out _);

        KeyId ed25519 = Keystore.ImportPkcs8("acme", "p", KeyAlgorithm.Ed25519, [.. s_ed25519Pkcs8Prefix, .. s_seed]);
        KeyId p256 = Keystore.ImportPkcs8("acme", "p", KeyAlgorithm.P256, ecdsa.ExportPkcs8PrivateKey());
        KeyId rsa2048 = Keystore.ImportPkcs8("acme", "p", KeyAlgorithm.Rsa2048, s_rsaPkcs8.Value);

        Assert.Equal(s_publicKey, Keystore.GetPublicKey(ed25519).Raw.ToArray());
        Assert.True(ecdsa.VerifyData("m"u8, Keystore.Sign(p256, "m"u8), HashAlgorithmName.SHA256));
        Assert.True(rsa.VerifyData("m"u8, Keystore.Sign(rsa2048, "m"u8), HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    [Theory]
    [InlineData("ed25519", 0)]
    [InlineData("ed25519", 31)]
    [InlineData("ed25519", 33)]
    [InlineData("ed25519", 64)]
    [InlineData("x25519", 31)]
    [InlineData("p256", 33)]
    [InlineData("aes256gcm", 16)]
    [InlineData("chacha20poly1305", 0)]
    [InlineData("hmacsha256", 64)]
    [InlineData("hmacsha256", 1_000_000)]
    [InlineData("rsa2048", 0)]
    [InlineData("rsa2048", 100)]
    [InlineData("rsa2048", 100_000)]
    public void A_secret_of_the_wrong_length_is_refused(string algorithm, int length)
    {
        byte[] secret = new byte[length];
        Array.Fill(secret, (byte)7);

        ImportIsRefused(algorithm, secret);
    }

    [Fact]
    public void A_scalar_that_is_none_is_refused()
    {
        ImportIsRefused("p256", new byte[32]);
        ImportIsRefused("p256", Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));
        ImportIsRefused("p256", Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
    }

    [Fact]
    public void Pkcs8_of_another_algorithm_or_with_anything_before_or_after_it_is_refused()
    {
        byte[] ed25519 = [.. s_ed25519Pkcs8Prefix, .. s_seed];

        Pkcs8IsRefused("x25519", ed25519);
        Pkcs8IsRefused("p256", ed25519);
        Pkcs8IsRefused("rsa2048", ed25519);
        Pkcs8IsRefused("aes256gcm", ed25519);
        Pkcs8IsRefused("ed25519", [.. ed25519, 0]);
        Pkcs8IsRefused("ed25519", ed25519[1..]);
        Pkcs8IsRefused("ed25519", ed25519[..^1]);
        Pkcs8IsRefused("ed25519", []);
        Pkcs8IsRefused("rsa3072", s_rsaPkcs8.Value);
    }

    [Fact]
    public void Pkcs8_whose_public_key_is_not_its_secret_s_is_refused()
    {
        byte[] good = [.. Convert.FromHexString("3051020101300506032b657004220420"), .. s_seed, 0x81, 0x21, 0x00, .. s_publicKey];
        byte[] bad = [.. good];
        bad[^1] ^= 1;

        Pkcs8IsRefused("ed25519", bad);
        Keystore.ImportPkcs8("acme", "p", KeyAlgorithm.Ed25519, good);
    }

    [Fact]
    public void An_RSA_key_whose_parts_do_not_belong_together_is_refused()
    {
        using RSA rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(s_rsaPkcs8.Value, out _);
        byte[] factor = rsa.ExportParameters(includePrivateParameters: true).P!;
        byte[] bad = [.. s_rsaPkcs8.Value];
        bad[bad.AsSpan().IndexOf(factor) + 20] ^= 1;

        ImportIsRefused("rsa2048", bad);
        Pkcs8IsRefused("rsa2048", bad);
    }

    [Fact]
    public void A_key_that_is_held_is_not_taken_again_whatever_its_state()
    {
        KeyId key = Keystore.Import("acme", "p", KeyAlgorithm.Ed25519, s_seed);
        ImportIsRefused("ed25519", s_seed);
        Pkcs8IsRefused("ed25519", [.. s_ed25519Pkcs8Prefix, .. s_seed]);

        Keystore.Rotate(key);
        ImportIsRefused("ed25519", s_seed);

        Keystore.Disable(key);
        ImportIsRefused("ed25519", s_seed);

        Keystore.DestroyAllVersions(key);
        ImportIsRefused("ed25519", s_seed);
    }

    [Fact]
    public void The_refusal_of_a_key_that_is_held_names_it_and_not_the_secret()
    {
        KeyId key = Keystore.Import("acme", "p", KeyAlgorithm.Ed25519, s_seed);

        string message = Assert.Throws<KmsException>(() => Keystore.Import("other", "q", KeyAlgorithm.Ed25519, s_seed)).Message;

        Assert.Contains(key.ToString(), message, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(s_seed), message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_same_bytes_may_be_keys_of_different_algorithms()
    {
        // What is compared is the public key, which an algorithm without one does not have: there two imports are two keys.
        foreach (string algorithm in new[] { "ed25519", "x25519", "p256", "aes256gcm", "aes256gcm", "hmacsha256", "hmacsha256" })
        {
            Keystore.Import("acme", "p", Known(algorithm), s_seed);
        }

        Assert.Equal(7, Keystore.List().Count);
    }

    private void ImportIsRefused(string algorithm, byte[] secret) =>
        ChangesNothing(() => Refused(KmsError.ImportRefused, () => Keystore.Import("acme", "p", Known(algorithm), secret)));

    private void Pkcs8IsRefused(string algorithm, byte[] pkcs8) =>
        ChangesNothing(() => Refused(KmsError.ImportRefused, () => Keystore.ImportPkcs8("acme", "p", Known(algorithm), pkcs8)));

    private void ChangesNothing(Action call)
    {
        KeystoreHealth before = Keystore.CheckHealth();
        call();
        Assert.Equal(before, Keystore.CheckHealth() with { UnlockedBytes = before.UnlockedBytes });
    }
}
