using System.Runtime.Versioning;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Keystores;

namespace RonKms.Tests.Following;

/// <summary>Old copies and forks of a store in the place of the one that is followed, dressed up as a later generation.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FollowedHistoryTests : IDisposable
{
    private static readonly byte[] s_message = "message"u8.ToArray();
    private readonly FollowedKeys _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fork_with_more_lines_than_were_read_ends_it(bool isDestroyed)
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        string fork = Copied("fork");
        if (isDestroyed) _store.Writer.Destroy(key);
        else _store.Writer.Disable(key);
        using Keystore follower = _store.Follow();
        Assert.NotEqual(KeyState.Enabled, follower.Get(key).State);

        PutBack(fork);
        Prolong();
        Reseal();

        RequireEnded(follower, key, "the one that was read before");
    }

    [Fact]
    public void A_copy_of_an_earlier_day_ends_it_although_it_says_that_it_was_restored()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _store.Writer.CopyTo("file:" + _store.Outside("copy"), Kek());
        _store.Writer.Disable(key);
        using Keystore follower = _store.Follow();
        Assert.Equal(KeyState.Disabled, follower.Get(key).State);

        PutBack(_store.Outside("copy"));

        RequireEnded(follower, key, "was read before");
    }

    [Fact]
    public void A_copy_that_goes_on_from_the_very_line_that_was_read_has_not_its_anchor()
    {
        MemoryAnchor anchor = new();
        _store.Writer.AttachAnchor(anchor);
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        using Keystore follower = _store.Follow(anchor: anchor);
        Assert.Equal("anchored:memory", follower.Assurance);
        _store.Writer.CopyTo("file:" + _store.Outside("copy"), Kek());
        _store.Writer.Destroy(key);

        PutBack(_store.Outside("copy"));

        RequireEnded(follower, key, "begins with the anchor 'none'");
    }

    [Fact]
    public void The_anchor_is_asked_again_about_a_later_generation()
    {
        MemoryAnchor anchor = new();
        _store.Writer.AttachAnchor(anchor);
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        AnchorHead head = HeadIn(anchor);
        using Keystore follower = _store.Follow(anchor: anchor);
        Assert.Equal(KeyState.Enabled, follower.Get(key).State);
        string fork = Copied("fork");
        _store.Writer.Destroy(key);
        _store.Writer.Dispose();
        string right = Moved("right");

        // The fork has an anchor of its own kind, which knows no more than it does.
        Directory.Move(fork, _store.Root);
        MemoryAnchor forks = new();
        Assert.True(forks.TryAdvance(null, head));
        using (Keystore forked = Keystore.Open(_store.Place, Kek(), new KeystoreOptions { Anchor = forks, Metrics = false }))
        {
            forked.Reseal(Kek(), cancellation: Cancel);
        }

        KmsException stale = Assert.Throws<KmsException>(() => follower.Get(key));
        Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
        Assert.Contains("anchor (memory)", stale.Message, StringComparison.Ordinal);

        _ = Moved("wrong");
        Directory.Move(right, _store.Root);
        Assert.Equal(KeyState.Destroyed, follower.Get(key).State);
        using (Keystore anchored = Keystore.Open(_store.Place, Kek(), new KeystoreOptions { Anchor = anchor, Metrics = false }))
        {
            anchored.Reseal(Kek(), cancellation: Cancel);
            Assert.Equal(KeyState.Destroyed, follower.Get(key).State);
            anchored.Create("acme", "later", KeyAlgorithm.Ed25519);
            anchored.Reseal(Kek(), cancellation: Cancel);
            Assert.Equal(anchored.ComputeInventory(), follower.ComputeInventory());
        }
    }

    [Fact]
    public void What_was_destroyed_does_not_come_back_with_a_restore_that_could_read_nothing()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _store.Writer.Backup(_store.Outside("backup"));
        _store.Writer.Destroy(key);
        using Keystore follower = _store.Follow();
        Assert.Equal(KeyState.Destroyed, follower.Get(key).State);

        _store.Writer.Dispose();
        File.WriteAllText(_store.Journal(), "damaged\n");
        using (Keystore restored = Keystore.Restore(_store.Outside("backup"), _store.Place, Kek())) restored.Enable(key);

        RequireEnded(follower, key, "some that were destroyed");
    }

    [Fact]
    public void A_restore_that_could_read_nothing_is_followed_with_every_key_disabled()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _store.Writer.Backup(_store.Outside("backup"));
        _store.Writer.Disable(key);
        _store.Writer.Enable(key);
        using Keystore follower = _store.Follow();
        Assert.NotEmpty(follower.Sign(key, s_message));
        _store.Writer.Dispose();
        File.WriteAllText(_store.Journal(), "damaged\n");

        using Keystore restored = Keystore.Restore(_store.Outside("backup"), _store.Place, Kek());

        Assert.Equal(KeyState.Disabled, follower.Get(key).State);
        restored.Enable(key);
        Assert.True(restored.Verify(key, s_message, follower.Sign(key, s_message)));
        restored.Reseal(Kek(), cancellation: Cancel);
        Assert.True(restored.Verify(key, s_message, follower.Sign(key, s_message)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("g1 gone", "is not there")]
    [InlineData("g2 gone", "is not there")]
    [InlineData("g1 cut", "does not end with that line")]
    [InlineData("g2 cut", "does not end with that line")]
    [InlineData("g2 for g1", "does not end with that line")]
    public void Several_generations_are_followed_back_to_the_one_that_was_read(string damage, string? refusal)
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        using Keystore follower = _store.Follow(TimeSpan.FromHours(1));
        _store.Writer.Disable(key);
        _store.Writer.Enable(key);
        Reseal();
        Prolong();
        Reseal();
        string first = Path.Combine(_store.Root, "archive", "g1.jsonl");
        string second = Path.Combine(_store.Root, "archive", "g2.jsonl");
        switch (damage.Split(' '))
        {
            case [var which, "gone"]:
                File.Delete(which == "g1" ? first : second);
                break;
            case [var which, "cut"]:
                string path = which == "g1" ? first : second;
                byte[] bytes = File.ReadAllBytes(path);
                File.WriteAllBytes(path, bytes[..(bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1)]);
                break;
            case [_, "for", _]:
                File.Copy(second, first, overwrite: true);
                break;
        }

        _store.Time.Advance(TimeSpan.FromHours(2));
        if (refusal is not null)
        {
            RequireEnded(follower, key, refusal);
            return;
        }

        Assert.True(_store.Writer.Verify(key, s_message, follower.Sign(key, s_message)));
        Assert.Equal(_store.Writer.ComputeInventory(), follower.ComputeInventory());
    }

    [Fact]
    public void A_later_generation_that_cannot_be_read_is_forgotten_when_the_earlier_one_is_back()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        Reseal();
        _store.Writer.Disable(key);
        using Keystore follower = _store.Follow();
        Assert.Equal(KeyState.Disabled, follower.Get(key).State);
        string earlier = Copied("earlier");
        Reseal();
        File.WriteAllText(_store.Journal(3), "damaged\n");
        Assert.Equal(KmsError.StoreStale, Assert.Throws<KmsException>(() => follower.Get(key)).Error);

        // Named again, and not there.
        StoreImage.CopyFile(Path.Combine(earlier, "store.json"), Path.Combine(_store.Root, "store.json"));
        KmsException stale = Assert.Throws<KmsException>(() => follower.Get(key));
        Assert.Equal((KmsError.StoreStale, KmsError.SealedCorrupt), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));

        PutBack(earlier);
        Assert.Equal(KeyState.Disabled, follower.Get(key).State);
        _store.Writer.Enable(key);
        Assert.True(_store.Writer.Verify(key, s_message, follower.Sign(key, s_message)));
    }

    [Fact]
    public void A_guard_that_takes_its_time_makes_no_answer_too_old()
    {
        KeyId signing = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(signing, s_message);
        KeyId wrapping = _store.Writer.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(wrapping, s_message);
        RecordingGuard guard = new();
        using Keystore follower = Keystore.OpenReadOnly(
            _store.Place, Kek(), new KeystoreOptions { TimeProvider = _store.Time, MaxStaleness = TimeSpan.FromSeconds(1), Metrics = false, Guards = { guard } });
        Assert.NotEmpty(follower.Sign(signing, s_message));
        follower.Unwrap(wrapping, envelope).Dispose();

        guard.OnBefore = _ =>
        {
            _store.Writer.Disable(signing);
            _store.Time.Advance(TimeSpan.FromHours(1));
        };
        Assert.Equal(KmsError.KeyDisabled, Assert.Throws<KmsException>(() => follower.Sign(signing, s_message)).Error);
        guard.OnBefore = _ =>
        {
            _store.Writer.Destroy(wrapping);
            _store.Time.Advance(TimeSpan.FromHours(1));
        };
        Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => follower.Unwrap(wrapping, envelope)).Error);

        guard.OnBefore = _ =>
        {
            _store.Time.Advance(TimeSpan.FromHours(1));
            if (Directory.Exists(_store.Root)) Moved("away");
        };
        foreach (Action use in (Action[])[() => follower.Verify(signing, s_message, signature), () => follower.Attest(signing)])
        {
            Assert.Equal(KmsError.StoreStale, Assert.Throws<KmsException>(use).Error);
            if (!Directory.Exists(_store.Root)) Directory.Move(_store.Outside("away"), _store.Root);
        }

        Assert.All(guard.Ended.TakeLast(2), ended => Assert.Equal(KmsError.StoreStale, ended.Failure));
    }

    [Fact]
    public void Once_it_ended_for_good_it_holds_no_opened_key_and_no_key_encryption_key()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] before = File.ReadAllBytes(_store.Journal());
        _store.Writer.Create("acme", "other", KeyAlgorithm.Ed25519);
        using KeyEncryptionKey kek = Kek();
        SpyBackend backend = new();
        using Keystore follower = Keystore.OpenReadOnly(_store.Place, kek, new KeystoreOptions { MaxStaleness = TimeSpan.Zero, Backend = backend, Metrics = false });
        Assert.NotEmpty(follower.Sign(key, s_message));
        Assert.Equal(1, backend.Held);
        kek.RequireUsable();

        File.WriteAllBytes(_store.Journal(), before);
        RequireEnded(follower, key, "put back to an older day");

        Assert.Equal(0, backend.Held);
        Assert.Throws<ObjectDisposedException>(kek.RequireUsable);
    }

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(FollowedKeys.First);

    private AnchorHead HeadIn(MemoryAnchor anchor) => anchor.Read(StoreDescription.Read(File.ReadAllBytes(Path.Combine(_store.Root, "store.json")), "").StoreId)!;

    /// <summary>A copy of the store as it lies there, without the lock that its writer holds.</summary>
    private string Copied(string name)
    {
        string copy = _store.Outside(name);
        StoreImage.MakePrivate(copy);
        foreach (string directory in Directory.EnumerateDirectories(_store.Root, "*", SearchOption.AllDirectories))
        {
            StoreImage.MakePrivate(Path.Combine(copy, Path.GetRelativePath(_store.Root, directory)));
        }

        foreach (string file in Directory.EnumerateFiles(_store.Root, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            StoreImage.CopyFile(file, Path.Combine(copy, Path.GetRelativePath(_store.Root, file)));
        }

        return copy;
    }

    private string Moved(string name)
    {
        Directory.Move(_store.Root, _store.Outside(name));
        return _store.Outside(name);
    }

    /// <summary>Puts another directory in the store's place, and its writer goes on there.</summary>
    private void PutBack(string copy)
    {
        _store.Writer.Dispose();
        Directory.Delete(_store.Root, recursive: true);
        Directory.Move(copy, _store.Root);
        _store.Reopen();
    }

    private void Prolong()
    {
        for (int i = 0; i < 5; i++) _store.Writer.Create("acme", "more", KeyAlgorithm.Ed25519);
    }

    private void Reseal() => _store.Writer.Reseal(Kek(), cancellation: Cancel);

    private static void RequireEnded(Keystore follower, KeyId key, string why)
    {
        KmsException stale = Assert.Throws<KmsException>(() => follower.Sign(key, s_message));
        Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
        Assert.Contains(why, stale.Message, StringComparison.Ordinal);
        Assert.Contains("answers no more", stale.Message, StringComparison.Ordinal);
        Assert.Same(stale.InnerException, Assert.Throws<KmsException>(() => follower.Get(key)).InnerException);
    }
}
