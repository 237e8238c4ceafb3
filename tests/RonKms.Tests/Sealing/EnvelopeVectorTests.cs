using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Sealing;
using RonKms.Tests.Custody;

namespace RonKms.Tests.Sealing;

public sealed class EnvelopeVectorTests
{
    private const int TagSize = AeadAlgorithm.TagSize;

    [Fact]
    public void Xaes256Gcm_gives_the_published_ciphertexts_and_opens_them() => OwnVectors.Read("envelopes.json").Each("xaes256gcm", 2, test =>
    {
        using AeadKey key = Cipher(KeyAlgorithm.Aes256Gcm).Open(test.Hex("key"));
        byte[] plaintext = test.Hex("plaintext");
        byte[] sealedBytes = new byte[plaintext.Length + TagSize];
        key.Encrypt(test.Hex("nonce"), plaintext, sealedBytes.AsSpan(..^TagSize), sealedBytes.AsSpan(^TagSize..), test.Hex("aad"));
        Assert.Equal(test.Text("ciphertext"), Convert.ToHexStringLower(sealedBytes));

        byte[] opened = new byte[plaintext.Length];
        Assert.True(key.TryDecrypt(test.Hex("nonce"), sealedBytes.AsSpan(..^TagSize), sealedBytes.AsSpan(^TagSize..), opened, test.Hex("aad")));
        Assert.Equal(plaintext, opened);
    });

    [Fact]
    public void Sealing_gives_the_bytes_of_the_vectors() => OwnVectors.Read("envelopes.json").Each("cases", 12, test =>
    {
        KeyId id = Id(test);
        using AeadKey key = Cipher(id.Algorithm).Open(test.Hex("key"));
        byte[] plaintext = test.Hex("plaintext");
        byte[] envelope = new byte[plaintext.Length + Envelope.Overhead];
        Envelope.Seal(key, id, plaintext, test.Hex("aad"), envelope, test.Hex("nonce"));
        Assert.Equal(test.Text("header"), Convert.ToHexStringLower(envelope.AsSpan(0, 21)));
        Assert.Equal(test.Text("envelope"), Convert.ToHexStringLower(envelope));
    });

    [Fact]
    public void A_keystore_opens_the_envelopes_of_the_vectors() => OwnVectors.Read("envelopes.json").Each("cases", 12, test =>
    {
        using Keystore keys = Holding(test, out KeyId id);
        using SecretBytes plaintext = keys.Unwrap(id, test.Hex("envelope"), test.Hex("aad"));
        Assert.Equal(test.Hex("plaintext"), plaintext.Reveal().ToArray());

        byte[] rewrapped = keys.Rewrap(id, test.Hex("envelope"), test.Hex("aad"));
        using SecretBytes again = keys.Unwrap(id.Latest, rewrapped, test.Hex("aad"));
        Assert.Equal(test.Hex("plaintext"), again.Reveal().ToArray());
    });

    [Fact]
    public void A_keystore_refuses_the_envelopes_that_the_vectors_refuse() => OwnVectors.Read("envelopes.json").Each("refused", 66, test =>
    {
        using Keystore keys = Holding(test, out KeyId id);
        KmsException refusal = Assert.Throws<KmsException>(() => keys.Unwrap(id, test.Hex("envelope"), test.Hex("aad")));

        // An envelope of a version that never was is told apart by its header, which is no secret.
        Assert.Contains(refusal.Error, (KmsError[])[KmsError.DecryptionFailed, KmsError.NoSuchKey]);
        byte[] destination = [.. Enumerable.Repeat((byte)0xA5, 2048)];
        Assert.Throws<KmsException>(() => keys.Unwrap(id, test.Hex("envelope"), test.Hex("aad"), destination));
        Assert.All(destination, b => Assert.Equal(0, b));
    });

    private static AeadAlgorithm Cipher(KeyAlgorithm algorithm) => Assert.IsAssignableFrom<AeadAlgorithm>(AlgorithmCatalog.Classical.Find(algorithm));

    private static KeyId Id(JsonElement test) =>
        new("acme", "wrap", KeyAlgorithm.FindByName(test.Text("alg"))!, test.Uuid("uuid"), test.GetProperty("version").GetUInt32());

    private static Keystore Holding(JsonElement test, out KeyId id)
    {
        id = Id(test);
        using CraftedStore store = new();
        store.AddKey(id, test.Hex("key"));
        return store.Open();
    }
}
