using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Custody;

namespace RonKms.Tests;

/// <summary>The ends of what the format can say: times, versions, labels.</summary>
public sealed class KeystoreLimitTests
{
    [Fact]
    public void A_key_can_be_asked_for_until_the_last_moment_that_dotnet_knows()
    {
        FixedClock clock = new(DateTimeOffset.MaxValue);
        using Keystore keys = Keystore.InMemory(new KeystoreOptions { TimeProvider = clock, RotateEvery = TimeSpan.MaxValue });
        KeyInfo info = keys.Get(keys.Create("acme", "signing", KeyAlgorithm.Ed25519));
        Assert.Equal(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), info.CreatedAt.ToUnixTimeMilliseconds());
        Assert.Null(info.RotateAfter);
        Assert.False(info.IsExpired);
    }

    [Fact]
    public void A_journal_whose_time_stands_at_the_formats_end_goes_on()
    {
        using CraftedStore store = new();
        KeyId old = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        store.AddKey(old, new byte[32]);
        store.Add(new CustodyEvent { Op = CustodyOp.Annex, AnnexDigest = default(Digest), AnnexType = "x", TimeMs = RonkCodec.MaxTimeMs });
        ImageStore image = store.Image.Copy();
        KeyId made;
        using (Keystore keys = Keystore.Open(image, store.Kek(), new KeystoreOptions { RotateEvery = TimeSpan.FromDays(30) }))
        {
            made = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
            Assert.Equal(DateTimeOffset.MaxValue, keys.Get(made).CreatedAt);
            Assert.Throws<ArgumentException>(() => keys.Create("a", "b", KeyAlgorithm.Ed25519, new KeyCreationOptions { NotAfter = DateTimeOffset.MaxValue }));
            keys.Rotate(old);
        }

        using Keystore reopened = Keystore.Open(image.Copy(), store.Kek());
        Assert.True(reopened.Verify(made, "message"u8, reopened.Sign(made, "message"u8)));
    }

    [Fact]
    public void The_highest_version_is_used_and_cannot_be_rotated()
    {
        using CraftedStore store = new();
        KeyId last = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), uint.MaxValue);
        store.AddKey(last.WithVersion(1), new byte[32]);
        store.AddKey(last, [.. Enumerable.Repeat((byte)1, 32)], op: CustodyOp.Rotate);
        using Keystore keys = store.Open();
        Assert.Equal(uint.MaxValue, keys.Get(last).LatestVersion);
        using SecretBytes plaintext = keys.Unwrap(last.Latest, keys.Wrap(last, "message"u8));
        Assert.Equal("message"u8, plaintext.Reveal());
        Assert.Throws<KmsException>(() => keys.Rotate(last));
        Assert.Throws<KmsException>(() => keys.Rotate(last.Latest));
        Assert.Equal(2, keys.List(new KeyFilter { AllVersions = true }).Count);
    }

    [Fact]
    public void A_store_made_before_1970_by_a_clock_that_is_wrong_opens_again()
    {
        FixedClock clock = new(new DateTimeOffset(1960, 1, 1, 0, 0, 0, TimeSpan.Zero));
        KeystoreOptions options = new() { TimeProvider = clock };
        using CraftedStore kek = new();
        ImageStore image = new();
        KeyId made;
        using (Keystore keys = Keystore.OpenOrCreate(image, kek.Kek(), options))
        {
            made = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        }

        using Keystore reopened = Keystore.Open(image.Copy(), kek.Kek(), options);
        Assert.Equal(DateTimeOffset.UnixEpoch, reopened.Get(made).CreatedAt);
        Assert.True(reopened.Verify(made, "message"u8, reopened.Sign(made, "message"u8)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(0.9)]
    public void A_not_after_or_purge_time_of_1970_is_refused_and_never_taken_for_none(double milliseconds)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddMilliseconds(milliseconds);
        using Keystore keys = Keystore.InMemory();
        Assert.Throws<ArgumentException>(() => keys.Create("a", "b", KeyAlgorithm.Ed25519, new KeyCreationOptions { NotAfter = time }));
        Assert.Throws<ArgumentException>(() => keys.Create("a", "b", KeyAlgorithm.Ed25519, new KeyCreationOptions { PurgeAt = time }));
        Assert.Empty(keys.List());
    }

    [Fact]
    public void A_record_that_opens_but_is_not_the_one_of_the_journal_is_refused()
    {
        // Sealed with the right key, for the right name: only the journal's digest tells that it was put there.
        using CraftedStore store = new();
        KeyId key = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        store.AddKey(key, new byte[32]);
        store.Image.Records[(key.Uuid, 1)] = store.Sealer.Seal(new RecordBody(key, RecordKind.Secret, new byte[32]), default, 1, 0);
        using Keystore keys = store.Open();
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.Wrap(key, "message"u8)).Error);
    }

    [Fact]
    public void A_record_whose_expiry_or_public_key_is_not_the_journals_is_refused()
    {
        using CraftedStore store = new();
        KeyId expiring = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        byte[] record = store.Sealer.Seal(new RecordBody(expiring, RecordKind.Secret, new byte[32]), default, 1, notAfterMs: 5);
        store.AddRecord(expiring, record, publicKey: null, notAfterMs: 0);
        KeyId signing = new("acme", "sign", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        byte[] publicKey = new byte[32];
        Assert.True(RonKms.Algorithms.AlgorithmCatalog.Classical.Find(KeyAlgorithm.Ed25519).TryGetPublicKey(new byte[32], publicKey));
        record = store.Sealer.Seal(new RecordBody(signing, RecordKind.Secret, new byte[32]), publicKey, 1, 0);
        store.AddRecord(signing, record, Digest.Of("another"u8));
        using Keystore keys = store.Open();
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.Wrap(expiring, "message"u8)).Error);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.Sign(signing, "message"u8)).Error);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.GetPublicKey(signing)).Error);
    }

    [Fact]
    public void An_older_versions_labels_stay_its_own()
    {
        using CraftedStore store = new();
        KeyId key = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        byte[] record = store.Sealer.Seal(new RecordBody(key, RecordKind.Secret, new byte[32]), default, 1, 0);
        byte[] next = store.Sealer.Seal(new RecordBody(key.WithVersion(2), RecordKind.Secret, new byte[32]), default, 1, 0);
        store.Image.Records[(key.Uuid, 1)] = record;
        store.Image.Records[(key.Uuid, 2)] = next;
        store.Add(new CustodyEvent { Op = CustodyOp.Create, Key = key, Record = Digest.Of(record), Labels = [new("box", "A-7")] });
        store.Add(new CustodyEvent { Op = CustodyOp.Rotate, Key = key.WithVersion(2), Record = Digest.Of(next), Labels = [new("box", "A-8")] });
        using Keystore keys = store.Open();
        Assert.Equal("A-7", keys.Get(key).Labels["box"]);
        Assert.Equal("A-8", keys.Get(key.Latest).Labels["box"]);
        KeyId third = keys.Rotate(key.Latest);
        Assert.Equal("A-8", keys.Get(third).Labels["box"]);
    }

    [Fact]
    public void Labels_are_held_up_to_their_limits_and_refused_beyond()
    {
        using Keystore keys = Keystore.InMemory();
        Dictionary<string, string> most = Enumerable.Range(0, 16).ToDictionary(i => $"{i}".PadRight(64, 'x'), _ => new string('€', 85) + "x");
        KeyId id = keys.Create("a", "b", KeyAlgorithm.HmacSha256, new KeyCreationOptions { Labels = most });
        Assert.Equal(most.OrderBy(label => label.Key), keys.Get(id).Labels.OrderBy(label => label.Key));
        foreach ((string name, string value) in new Dictionary<string, string>
        {
            ["seventeenth"] = string.Empty,
            [string.Empty] = "x",
            [new string('x', 65)] = "x",
            ["a b"] = "x",
            ["é"] = "x",
            ["a"] = new string('x', 257),
            ["b"] = new string('€', 86),
            ["c"] = "\ud800",
            ["d"] = "\udc00\ud800",
        })
        {
            Dictionary<string, string> labels = name == "seventeenth" ? new(most) { [name] = value } : new() { [name] = value };
            Assert.Throws<ArgumentException>(() => keys.Create("a", "b", KeyAlgorithm.HmacSha256, new KeyCreationOptions { Labels = labels }));
        }

        Assert.Single(keys.List());
    }
}
