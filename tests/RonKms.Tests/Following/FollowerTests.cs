using System.Runtime.Versioning;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Keystores;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Following;

/// <summary>A keystore that is opened read-only beside the writer.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FollowerTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly byte[] s_message = "message"u8.ToArray();
    private readonly FollowedKeys _store = new();

    public static TheoryData<string> Losses => ["removed", "moved", "store.json", "damaged", "unlocked"];

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_sees_what_the_writer_did_once_it_is_older_than_allowed()
    {
        using Keystore follower = _store.Follow(s_second);
        KeyId signing = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        Assert.Equal(KmsError.NoSuchKey, ErrorOf(() => follower.Get(signing)));
        Late();
        byte[] signature = _store.Writer.Sign(signing, s_message);
        Assert.True(follower.Verify(signing, s_message, signature));
        Assert.True(_store.Writer.Verify(signing, s_message, follower.Sign(signing, s_message)));
        Assert.Equal(signing, follower.FindCurrent("acme", "signing"));

        KeyId second = _store.Writer.Rotate(signing);
        Assert.NotEmpty(follower.Sign(signing, s_message));
        Late();
        Assert.Equal(KmsError.NotLatestVersion, ErrorOf(() => follower.Sign(signing, s_message)));
        Assert.Equal(2u, follower.Get(second).LatestVersion);

        KeyId wrapping = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(wrapping, s_message);
        Late();
        Unwraps(follower, wrapping, envelope);
        _store.Writer.Disable(wrapping);
        Unwraps(follower, wrapping, envelope);
        Late();
        Assert.Equal(KmsError.KeyDisabled, ErrorOf(() => follower.Unwrap(wrapping, envelope)));
        _store.Writer.Enable(wrapping);
        Late();
        Unwraps(follower, wrapping, envelope);
        _store.Writer.Destroy(wrapping);
        Late();
        Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => follower.Unwrap(wrapping, envelope)));
        _store.Writer.Destroy(signing);
        Late();
        Assert.True(follower.Verify(signing, s_message, signature));
        Assert.Equal(_store.Writer.ComputeInventory(), follower.ComputeInventory());
        Assert.Equal(_store.Writer.CheckHealth().Head, follower.CheckHealth().Head);
        Assert.Equal(_store.Writer.Attest(second).Json.ToArray(), follower.Attest(second).Json.ToArray());
    }

    [Fact]
    public void It_looks_early_so_that_nobody_waits_and_at_once_when_asked()
    {
        using Keystore follower = _store.Follow(s_second);
        KeyId first = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _store.Time.Advance(s_second / 2);
        Assert.Equal(first, follower.Get(first).Id);

        KeyId second = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        follower.Refresh();
        Assert.Equal(second, follower.Get(second).Id);
    }

    [Fact]
    public void Without_any_staleness_it_looks_before_every_operation()
    {
        using Keystore follower = _store.Follow();
        KeyId key = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(key, s_message);
        Unwraps(follower, key, envelope);
        _store.Writer.Destroy(key);
        Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => follower.Unwrap(key, envelope)));
    }

    [Fact]
    public void A_record_that_was_erased_before_the_line_was_seen_is_that_of_a_destroyed_key()
    {
        using Keystore follower = _store.Follow(TimeSpan.FromHours(1));
        KeyId key = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(key, s_message);
        follower.Refresh();
        _store.Writer.Destroy(key);
        Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => follower.Unwrap(key, envelope)));
    }

    [Fact]
    public void Whatever_changes_the_store_is_refused_before_the_guards_are_asked()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        RecordingGuard guard = new();
        using Keystore follower = Keystore.OpenReadOnly(_store.Place, KeyEncryptionKey.FromBytes(FollowedKeys.First), new KeystoreOptions { Guards = { guard } });
        string before = StoreDirectory.Image(_store.Root);

        Action[] changes =
        [
            () => follower.Create("acme", "signing", KeyAlgorithm.Ed25519),
            () => follower.CreateAttestationKey(KeyAlgorithm.Ed25519),
            () => follower.Import("acme", "signing", KeyAlgorithm.Ed25519, new byte[32]),
            () => follower.ImportPkcs8("acme", "signing", KeyAlgorithm.Ed25519, new byte[32]),
            () => follower.Rotate(key),
            () => follower.Disable(key),
            () => follower.Enable(key),
            () => follower.Destroy(key),
            () => follower.DestroyAllVersions(key),
            () => follower.ChangeKek(KeyEncryptionKey.Ephemeral()),
            () => follower.Reseal(KeyEncryptionKey.Ephemeral(), cancellation: TestContext.Current.CancellationToken),
            () => follower.Compact(cancellation: TestContext.Current.CancellationToken),
            () => follower.Backup(Stream.Null),
            () => follower.CopyTo("file:" + _store.Outside("copy"), KeyEncryptionKey.Ephemeral()),
            () => follower.AttachAnchor(new MemoryAnchor()),
            follower.DetachAnchor,
        ];

        Assert.All(changes, change => Assert.Contains("opened read-only", Assert.Throws<InvalidOperationException>(change).Message, StringComparison.Ordinal));
        Assert.Empty(guard.Seen);
        Assert.False(Directory.Exists(_store.Outside("copy")));
        Assert.Equal(before, StoreDirectory.Image(_store.Root));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void While_the_store_cannot_be_seen_nothing_is_answered_and_then_all_is_again(string how)
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(key, s_message);
        using Keystore follower = _store.Follow(s_second);
        Assert.True(follower.Verify(key, s_message, signature));
        string lost = how == "store.json" ? Path.Combine(_store.Root, "store.json") : _store.Journal();
        byte[] content = File.ReadAllBytes(lost);
        Lose(how, lost, content);

        _store.Time.Advance(s_second);
        Assert.True(follower.Verify(key, s_message, signature));
        _store.Time.Advance(TimeSpan.FromTicks(1));
        foreach (Action use in (Action[])
        [
            () => follower.Verify(key, s_message, signature), () => follower.Verify(key, s_message, new byte[64]), () => follower.Sign(key, s_message),
            () => follower.Get(key), () => follower.List(), () => follower.FindCurrent("acme", "signing"), () => follower.GetPublicKey(key),
            () => follower.Attest(key), () => follower.ComputeInventory(), follower.Refresh,
        ])
        {
            KmsException stale = Assert.Throws<KmsException>(use);
            Assert.Equal(KmsError.StoreStale, stale.Error);
            Assert.Contains("last seen whole at 2030-01-01 00:00:00Z", stale.Message, StringComparison.Ordinal);
            Assert.Contains(_store.Root, stale.Message, StringComparison.Ordinal);
            Assert.IsType<KmsException>(stale.InnerException);
        }

        if (File.Exists(lost)) File.Delete(lost);
        StoreImage.Write(lost, content);
        Assert.True(follower.Verify(key, s_message, signature));
        Assert.Equal(TimeSpan.Zero, follower.CheckHealth().LastLook);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_journal_that_was_put_back_ends_it_for_good(bool isShorter)
    {
        KeyId key = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(key, s_message);
        byte[] before = File.ReadAllBytes(_store.Journal());
        _store.Writer.Disable(key);
        byte[] whole = File.ReadAllBytes(_store.Journal());
        using Keystore follower = _store.Follow(s_second);
        File.WriteAllBytes(_store.Journal(), before);
        if (!isShorter)
        {
            // Another history, as whole and as long.
            _store.Reopen();
            _store.Writer.Create("acme", "other", KeyAlgorithm.Ed25519);
        }

        // Known before the limit, so not served until then.
        _store.Time.Advance(s_second / 2);
        foreach (int round in (int[])[1, 2])
        {
            KmsException stale = Assert.Throws<KmsException>(() => follower.Unwrap(key, envelope));
            Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
            Assert.Contains("answers no more", stale.Message, StringComparison.Ordinal);
            if (round == 1) File.WriteAllBytes(_store.Journal(), whole);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-1)]
    public void What_is_being_written_is_not_taken_in_before_it_is_whole(int cut)
    {
        KeyId key = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(key, s_message);
        byte[] before = File.ReadAllBytes(_store.Journal());
        _store.Writer.Disable(key);
        byte[] after = File.ReadAllBytes(_store.Journal());
        File.WriteAllBytes(_store.Journal(), after[..(cut > 0 ? before.Length + cut : after.Length + cut)]);

        using Keystore follower = _store.Follow();
        Unwraps(follower, key, envelope);
        File.WriteAllBytes(_store.Journal(), [.. before, .. new byte[600], (byte)'\n']);
        Unwraps(follower, key, envelope);

        File.WriteAllBytes(_store.Journal(), after);
        Assert.Equal(KmsError.KeyDisabled, ErrorOf(() => follower.Unwrap(key, envelope)));
        Assert.Equal(_store.Writer.Attest(key).Json.ToArray(), follower.Attest(key).Json.ToArray());
    }

    [Fact]
    public void What_a_crash_left_is_passed_over_and_nothing_in_the_directory_changes()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(key, s_message);
        _store.Writer.Dispose();
        File.AppendAllText(_store.Journal(), "{\"base\":2,\"kid\":\"torn");
        string record = Assert.Single(Directory.GetFiles(_store.Root, "*.ronk", SearchOption.AllDirectories));
        StoreImage.Write(record + ".tmp", [1, 2, 3]);
        StoreImage.Write(record.Replace(".v1.", ".v2.", StringComparison.Ordinal), [1, 2, 3]);
        StoreImage.Write(Path.Combine(_store.Root, "store.json.tmp"), [1]);
        StoreImage.Write(Path.Combine(_store.Root, "store.json.next"), [1]);
        File.Delete(Path.Combine(_store.Root, "lock"));
        TemporaryDirectory.MakePrivate(Path.Combine(_store.Root, "g2"));
        StoreImage.Write(_store.Journal(2), [1]);
        string before = StoreDirectory.Image(_store.Root);

        using (Keystore follower = _store.Follow())
        {
            Assert.True(follower.Verify(key, s_message, signature));
            Assert.NotEmpty(follower.Sign(key, s_message));
            Assert.Single(follower.List());
            follower.Refresh();
        }

        Assert.Equal(before, StoreDirectory.Image(_store.Root));
    }

    [Fact]
    public void It_checks_the_anchor_and_never_moves_it()
    {
        MemoryAnchor anchor = new();
        _store.Writer.AttachAnchor(anchor);
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        AnchorHead head = anchor.Read(Guid.Parse(System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_store.Root, "store.json"))).RootElement.GetProperty("store_id").GetString()!))!;
        using (Keystore follower = _store.Follow(anchor: anchor))
        {
            Assert.Equal("anchored:" + anchor.Kind, follower.Assurance);
            _store.Writer.Rotate(key);
            Assert.Equal(2u, follower.Get(key).LatestVersion);
        }

        Assert.Equal(head.Seq + 1, anchor.Read(head.StoreId)!.Seq);
        Assert.Equal(KmsError.Rollback, ErrorOf(() => _store.Follow()));
        Assert.Equal(KmsError.Rollback, ErrorOf(() => _store.Follow(anchor: new MemoryAnchor())));

        byte[] journal = File.ReadAllBytes(_store.Journal());
        File.WriteAllBytes(_store.Journal(), journal[..(journal.AsSpan(0, journal.Length - 1).LastIndexOf((byte)'\n') + 1)]);
        Assert.Equal(KmsError.Rollback, ErrorOf(() => _store.Follow(anchor: anchor)));
    }

    [Fact]
    public void A_store_that_cannot_be_followed_is_not_opened()
    {
        Assert.Equal(KmsError.WrongKek, ErrorOf(() => _store.Follow(kek: FollowedKeys.Second)));
        Assert.Throws<ArgumentException>(() => Keystore.OpenReadOnly("memory:", KeyEncryptionKey.Ephemeral()));
        Assert.Equal(KmsError.StoreNotFound, ErrorOf(() => Keystore.OpenReadOnly("file:" + _store.Outside("none"), KeyEncryptionKey.Ephemeral())));
        Assert.False(Directory.Exists(_store.Outside("none")));
    }

    [Fact]
    public void Its_health_says_what_it_is_and_when_it_looked()
    {
        using Keystore follower = _store.Follow(s_second);
        _store.Time.Advance(3 * s_second);

        KeystoreHealth health = follower.CheckHealth();

        Assert.Equal((true, false, (TimeSpan?)(3 * s_second)), (health.IsReadOnly, health.IsWritable, health.LastLook));
        Assert.Equal((false, true, null), (_store.Writer.CheckHealth().IsReadOnly, _store.Writer.CheckHealth().IsWritable, _store.Writer.CheckHealth().LastLook));
    }

    [Fact]
    public void Between_two_looks_it_allocates_nothing_and_reads_nothing()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(key, s_message);
        using Keystore follower = _store.Follow(s_second);
        Assert.True(follower.Verify(key, s_message, signature));
        Directory.Move(_store.Root, _store.Outside("away"));

        // The least of a few rounds: the runtime now and then counts the rest of a thread's block to what the thread allocated.
        long allocated = long.MaxValue;
        bool all = true;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 200; i++) all &= follower.Verify(key, s_message, signature);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(all);
        Assert.Equal(0, allocated);
        Directory.Move(_store.Outside("away"), _store.Root);
    }

    private static KmsError ErrorOf(Func<object?> call) => Assert.Throws<KmsException>(call).Error;

    private static void Unwraps(Keystore keys, KeyId key, byte[] envelope)
    {
        using SecretBytes plaintext = keys.Unwrap(key, envelope);
        Assert.Equal(s_message, plaintext.Reveal().ToArray());
    }

    private void Late() => _store.Time.Advance(s_second + TimeSpan.FromTicks(1));

    private void Lose(string how, string path, byte[] content)
    {
        switch (how)
        {
            case "moved":
                File.Move(path, _store.Outside("moved"));
                break;
            case "damaged":
                File.WriteAllBytes(path, [.. content, .. "no line of this store\n"u8]);
                break;
            case "unlocked":
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
