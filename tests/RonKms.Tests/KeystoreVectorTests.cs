using System.Globalization;
using System.Text.Json;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>Whole stores that the second implementation made, opened and used as a caller does.</summary>
public sealed class KeystoreVectorTests
{
    /// <summary>Envelopes to a public key come later; these cases of the vectors are not run.</summary>
    private const int HpkeCases = 2;

    // A store's idea of now is never before its last line, so a clock that was set back must change nothing.
    [Theory]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("2025-06-01T12:00:00Z")]
    public void Stores_of_the_vectors_open_and_every_key_does_what_its_state_allows(string now)
    {
        KeystoreOptions options = new() { TimeProvider = new FixedClock(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)) };
        int leftOut = 0;
        OwnVectors.Read("stores/expect.json").Each("stores", 3, store =>
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = Copy(store, directory);
            SortedDictionary<string, string> files = StoreImage.Digests(root);
            Assert.Equal(
                store.GetProperty("files").EnumerateObject().Select(file => KeyValuePair.Create(file.Name, file.Value.GetString()!)).OrderBy(file => file.Key, StringComparer.Ordinal),
                files);

            using (Keystore keys = Keystore.Open("file:" + root, Kek(store, directory), options))
            {
                KeystoreHealth health = keys.CheckHealth();
                Assert.Equal((store.Long("head_seq"), store.Text("head")), (health.HeadSeq, health.Head));
                Assert.Equal("chain-only", health.Assurance);
                foreach (JsonElement version in store.GetProperty("versions").EnumerateArray())
                {
                    CheckInfo(keys, version, root);
                    CheckUse(keys, version);
                    leftOut += List(version, "hpke").Count();
                }

                Assert.Equal(
                    store.GetProperty("versions").EnumerateArray().Select(version => version.Text("kid")).Order(StringComparer.Ordinal),
                    keys.List(new KeyFilter { AllVersions = true }).Select(info => info.Id.ToString()).Order(StringComparer.Ordinal));
            }

            // Nothing was to be put in order, and reading writes nothing.
            Assert.Equal(files, StoreImage.Digests(root));
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{leftOut} HPKE cases left out");
        Assert.Equal(HpkeCases, leftOut);
    }

    [Fact]
    public void A_store_of_the_vectors_refuses_another_key_encryption_key_and_stays_as_it_is() =>
        OwnVectors.Read("stores/expect.json").Each("stores", 3, store =>
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = Copy(store, directory);
            SortedDictionary<string, string> files = StoreImage.Digests(root);
            foreach (Func<KeyEncryptionKey> wrong in (Func<KeyEncryptionKey>[])[KeyEncryptionKey.Ephemeral, () => KeyEncryptionKey.FromPassphrase("wrong"u8)])
            {
                Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open("file:" + root, wrong())).Error);
            }

            Assert.Equal(files, StoreImage.Digests(root));
        });

    [Fact]
    public void A_backup_of_the_vectors_is_restored()
    {
        JsonElement store = OwnVectors.Read("stores/expect.json").GetProperty("stores").EnumerateArray().Single(store => store.TryGetProperty("backup", out _));
        KeystoreOptions options = new() { TimeProvider = new FixedClock(DateTimeOffset.UnixEpoch) };
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        string backup = StoreImage.CopyFile(Path.Combine(OwnVectors.Folder, store.Text("backup")), directory["backup"]);

        // Over its own store nothing changes but the generation.
        string root = Copy(store, directory);
        using Keystore keys = Keystore.Restore(backup, "file:" + root, Kek(store, directory), options);
        Assert.True(File.Exists(Path.Combine(root, "archive", $"g{store.Long("gen")}.jsonl")));
        foreach (JsonElement version in store.GetProperty("versions").EnumerateArray())
        {
            Assert.Equal(version.Text("state"), keys.Get(KeyId.Parse(version.Text("kid"))).State.ToString().ToLowerInvariant());
            CheckUse(keys, version);
        }

        // Into nothing, with no other record to take: each is the backup's.
        using Keystore restored = Keystore.Restore(backup, "memory:", Kek(store, directory), options);
        foreach (JsonElement version in store.GetProperty("versions").EnumerateArray().Where(version => version.Text("state") == "enabled"))
        {
            KeyId id = KeyId.Parse(version.Text("kid"));
            restored.Enable(id);
            CheckUse(restored, version);
        }
    }

    [Fact]
    public void A_key_that_expires_at_the_formats_end_can_still_be_rotated()
    {
        JsonElement store = OwnVectors.Read("stores/expect.json").GetProperty("stores")[0];
        KeyId key = KeyId.Parse(store.GetProperty("versions").EnumerateArray().Single(version => version.Text("alg") == "x25519").Text("kid"));
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        string root = Copy(store, directory);
        KeyId next;
        using (Keystore keys = Keystore.Open("file:" + root, Kek(store, directory)))
        {
            Assert.Equal(DateTimeOffset.MaxValue, keys.Get(key).NotAfter);
            next = keys.Rotate(key);
        }

        using Keystore reopened = Keystore.Open("file:" + root, Kek(store, directory));
        Assert.Equal(DateTimeOffset.MaxValue, reopened.Get(next).NotAfter);
        using Encapsulation sent = reopened.GetPublicKey(next).Encapsulate();
        using SecretBytes received = reopened.Decapsulate(next, sent.Ciphertext.Span);
        Assert.Equal(sent.SharedSecret.Reveal().ToArray(), received.Reveal().ToArray());
    }

    private static string Copy(JsonElement store, TemporaryDirectory directory) =>
        StoreImage.Copy(Path.Combine(OwnVectors.Folder, store.Text("directory")), directory["store"]);

    private static KeyEncryptionKey Kek(JsonElement store, TemporaryDirectory directory)
    {
        JsonElement kek = store.GetProperty("kek");
        string file = StoreImage.CopyFile(Path.Combine(OwnVectors.Folder, kek.Text("file")), directory["kek"]);
        return kek.Text("kind") == "keyfile" ? KeyEncryptionKey.FromFile(file) : KeyEncryptionKey.FromPassphraseFile(file);
    }

    private static void CheckInfo(Keystore keys, JsonElement expected, string root)
    {
        KeyId id = KeyId.Parse(expected.Text("kid"));
        KeyInfo info = keys.Get(id);
        Assert.Equal(id, info.Id);
        Assert.Equal((expected.Text("alg"), expected.Uuid("uuid"), expected.GetProperty("version").GetUInt32()), (id.Algorithm.Name, id.Uuid, id.Version));
        Assert.Equal(expected.Text("state"), info.State.ToString().ToLowerInvariant());
        Assert.Equal(expected.GetProperty("latest").GetBoolean(), info.IsLatest);
        Assert.Equal(expected.GetProperty("expired").GetBoolean(), info.IsExpired);
        Assert.Equal(Time(expected.Long("not_after_ms")), info.NotAfter);
        Assert.Equal(
            expected.GetProperty("labels").EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)).OrderBy(label => label.Key),
            info.Labels.OrderBy(label => label.Key));

        // KeyInfo tells the time of the version's line, the header its own; the page lets the two differ. A state line was written later, but what
        // is left of a destroyed version tells no times.
        string file = expected.GetProperty("record").GetString() ?? expected.Text("pub");
        Assert.True(RonkCodec.TryDecode(File.ReadAllBytes(Path.Combine(root, file)), out RonkHeader header));
        Assert.Equal(expected.Long("created_at"), header.CreatedAtMs);
        (string op, long lineMs) = FirstLine(keys, id);
        Assert.Equal(op == "state" && info.State != KeyState.Destroyed ? header.CreatedAtMs : lineMs, info.CreatedAt.ToUnixTimeMilliseconds());

        if (expected.HexOrNull("public") is { } publicKey)
        {
            Assert.Equal(publicKey, keys.GetPublicKey(id).Raw.ToArray());
        }
        else
        {
            Assert.Throws<ArgumentException>(() => keys.GetPublicKey(id));
        }
    }

    private static void CheckUse(Keystore keys, JsonElement expected)
    {
        KeyId id = KeyId.Parse(expected.Text("kid"));
        string[] produce = [.. List(expected, "produce").Select(result => result.GetString()!)];
        string[] consume = [.. List(expected, "consume").Select(result => result.GetString()!)];
        Assert.Contains(Outcome(() => Produce(keys, id)), produce);

        foreach (JsonElement test in List(expected, "signatures"))
        {
            // Whatever the version's state: what was signed stays signed.
            SignOptions options = new() { RsaPadding = test.Text("scheme") == "rsa-pkcs1-sha256" ? RsaPadding.Pkcs1 : RsaPadding.Pss };
            byte[] message = test.Hex("message");
            Assert.True(keys.Verify(id, message, test.Hex("signature"), options), test.Text("scheme"));
            Assert.False(keys.Verify(id, [.. message, 0], test.Hex("signature"), options));
        }

        foreach (JsonElement test in List(expected, "macs"))
        {
            Assert.Contains(Outcome(() => Assert.True(keys.VerifyMac(id, test.Hex("message"), test.Hex("mac")))), consume);
            Assert.Contains(Outcome(() => Assert.False(keys.VerifyMac(id, [.. test.Hex("message"), 0], test.Hex("mac")))), consume);
        }

        foreach (JsonElement test in List(expected, "envelopes"))
        {
            string outcome = Outcome(() =>
            {
                using SecretBytes plaintext = keys.Unwrap(id.Latest, test.Hex("envelope"), test.Hex("aad"));
                Assert.Equal(test.Hex("plaintext"), plaintext.Reveal().ToArray());
            });
            Assert.Contains(outcome, consume);
        }

        foreach (JsonElement test in List(expected, "encapsulations"))
        {
            string outcome = Outcome(() =>
            {
                using SecretBytes secret = keys.Decapsulate(id, test.Hex("enc"));
                Assert.Equal(test.Hex("secret"), secret.Reveal().ToArray());
            });
            Assert.Contains(outcome, consume);
        }
    }

    private static void Produce(Keystore keys, KeyId id)
    {
        switch (id.Algorithm.Use)
        {
            case KeyUse.Sign:
                Assert.True(keys.Verify(id, "message"u8, keys.Sign(id, "message"u8)));
                break;
            case KeyUse.Mac:
                Assert.True(keys.VerifyMac(id, "message"u8, keys.ComputeMac(id, "message"u8, out _)));
                break;
            case KeyUse.Wrap:
                using (SecretBytes plaintext = keys.Unwrap(id, keys.Wrap(id, "message"u8)))
                {
                    Assert.Equal("message"u8, plaintext.Reveal());
                }

                break;
            case KeyUse.Encapsulate:
                using (Encapsulation sent = keys.Encapsulate(id, out _))
                using (SecretBytes received = keys.Decapsulate(id, sent.Ciphertext.Span))
                {
                    Assert.Equal(sent.SharedSecret.Reveal().ToArray(), received.Reveal().ToArray());
                }

                break;
            default:
                Assert.Fail($"Nothing is known of {id.Algorithm.Use}.");
                break;
        }
    }

    private static string Outcome(Action use)
    {
        try
        {
            use();
            return "ok";
        }
        catch (KmsException e)
        {
            return e.Error.ToString();
        }
    }

    private static JsonElement.ArrayEnumerator List(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray() : default;

    private static DateTimeOffset? Time(long ms) => ms switch
    {
        0 => null,
        RonkCodec.MaxTimeMs => DateTimeOffset.MaxValue,
        _ => DateTimeOffset.FromUnixTimeMilliseconds(ms),
    };

    /// <summary>When the line was written that tells of a version's making; none in a later generation that took it over.</summary>
    private static (string Op, long TimeMs) FirstLine(Keystore keys, KeyId id)
    {
        JsonElement first = JsonDocument.Parse(keys.Attest(id).Json).RootElement.GetProperty("lines")[0];
        return (first.Text("op"), first.Long("time_ms"));
    }
}
