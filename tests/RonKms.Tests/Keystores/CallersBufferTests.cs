using RonKms.Algorithms;

namespace RonKms.Tests.Keystores;

/// <summary>Buffers that the caller changes, while the keystore looks at them and afterwards.</summary>
public sealed class CallersBufferTests
{
    private readonly HookedEd25519 _algorithm = new();
    private readonly AlgorithmCatalog _catalog;

    public CallersBufferTests()
    {
        _catalog = AlgorithmCatalog.Classical.With(_algorithm);
    }

    [Fact]
    public void A_public_key_that_changes_while_it_is_checked_is_kept_as_it_was_checked()
    {
        byte[] raw = PublicKey(), before = [.. raw];
        _algorithm.OnCheck = () => Array.Fill(raw, (byte)0xFF);

        KmsPublicKey key = KmsPublicKey.FromRaw(KeyAlgorithm.Ed25519, raw, _catalog);

        Assert.Equal(before, key.Raw.ToArray());
        Assert.NotEqual(before, raw);
    }

    [Fact]
    public void A_secret_that_changes_while_it_is_imported_is_kept_as_it_was_checked()
    {
        byte[] secret = [.. UsedKeys.Secret];
        _algorithm.OnCheck = () => Array.Fill(secret, (byte)0xFF);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Algorithms = _catalog });

        KeyId key = keystore.Import("acme", "p", KeyAlgorithm.Ed25519, secret);

        Assert.Equal(PublicKey(), keystore.GetPublicKey(key).Raw.ToArray());
        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
        Assert.NotEqual(UsedKeys.Secret, secret);
    }

    [Fact]
    public void What_the_caller_changes_afterwards_changes_nothing_that_is_kept()
    {
        byte[] secret = [.. UsedKeys.Secret], raw = PublicKey();
        Dictionary<string, string> labels = new() { ["team"] = "blue" };
        using Keystore keystore = Keystore.InMemory();
        KeyId id = keystore.Import("acme", "p", KeyAlgorithm.Ed25519, secret, new KeyCreationOptions { Labels = labels });
        KmsPublicKey key = KmsPublicKey.FromRaw(KeyAlgorithm.Ed25519, raw);

        Array.Clear(secret);
        Array.Clear(raw);
        labels["team"] = "red";

        Assert.True(key.Verify("m"u8, keystore.Sign(id, "m"u8)));
        Assert.Equal("blue", keystore.Get(id).Labels["team"]);
    }

    private static byte[] PublicKey()
    {
        byte[] publicKey = new byte[32];
        Assert.True(AlgorithmCatalog.Classical.Find(KeyAlgorithm.Ed25519).TryGetPublicKey(UsedKeys.Secret, publicKey));
        return publicKey;
    }
}
