using System.Runtime.Versioning;
using RonKms.Sealing;
using RonKms.Tests.Maintenance;

namespace RonKms.Tests.Following;

/// <summary>Changes of a store as a whole under a keystore that follows it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FollowedGenerationTests : IDisposable
{
    private static readonly byte[] s_message = "message"u8.ToArray();
    private readonly FollowedKeys _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reseal_and_a_compaction_are_followed(bool isUsedBefore)
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        using Keystore follower = _store.Follow();
        if (isUsedBefore) evidence.Check(follower);

        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First), cancellation: Cancel);
        evidence.Check(follower);
        Assert.Equal(_store.Writer.Attest(evidence.Signing).Json.ToArray(), follower.Attest(evidence.Signing).Json.ToArray());

        KeyId later = _store.Writer.Create("acme", "later", KeyAlgorithm.Ed25519);
        for (int i = 0; i < 20; i++)
        {
            _store.Writer.Disable(later);
            _store.Writer.Enable(later);
        }

        Assert.True(_store.Writer.Compact(cancellation: Cancel));
        evidence.Check(follower, later);
        Assert.Equal(_store.Writer.CheckHealth().Head, follower.CheckHealth().Head);
    }

    [Fact]
    public void What_happened_before_and_after_a_change_of_generation_is_seen_at_once()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        using Keystore follower = _store.Follow(TimeSpan.FromHours(1));
        evidence.Check(follower);

        KeyId early = _store.Writer.Create("acme", "early", KeyAlgorithm.Ed25519);
        _store.Writer.Disable(evidence.Wrapping);
        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First), cancellation: Cancel);
        KeyId late = _store.Writer.Rotate(early);
        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First), cancellation: Cancel);
        _store.Writer.Destroy(evidence.Signing);
        follower.Refresh();

        Assert.Equal(_store.Writer.ComputeInventory(), follower.ComputeInventory());
        Assert.Equal(KeyState.Disabled, follower.Get(evidence.Wrapping).State);
        Assert.Equal(late, follower.FindCurrent("acme", "early"));
        Assert.True(_store.Writer.Verify(late, s_message, follower.Sign(late, s_message)));
    }

    [Fact]
    public void A_record_of_an_earlier_generation_is_looked_for_in_the_new_one()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        using Keystore follower = _store.Follow(TimeSpan.FromHours(1));

        // Nothing was read of it before.
        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First), cancellation: Cancel);

        evidence.Check(follower);
        Assert.Equal(_store.Writer.Attest(evidence.Signing).Json.ToArray(), follower.Attest(evidence.Signing).Json.ToArray());
    }

    [Fact]
    public void A_restore_is_followed_with_the_states_that_it_brings()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        _store.Writer.Backup(_store.Outside("backup"));
        using Keystore follower = _store.Follow();
        KeyId later = _store.Writer.Create("acme", "later", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(later, s_message);
        _store.Writer.Destroy(evidence.Signing);
        follower.Unwrap(later, envelope).Dispose();
        _store.Writer.Dispose();

        using Keystore restored = Keystore.Restore(_store.Outside("backup"), _store.Place, KeyEncryptionKey.FromBytes(FollowedKeys.First));

        Assert.Equal(restored.ComputeInventory(), follower.ComputeInventory());
        Assert.Equal(KeyState.Destroyed, follower.Get(evidence.Signing).State);
        follower.Unwrap(later, envelope).Dispose();
    }

    [Fact]
    public void A_restore_that_lost_keys_ends_it()
    {
        _ = new KeyEvidence(_store.Writer, _store.Time.GetUtcNow());
        _store.Writer.Backup(_store.Outside("backup"));
        KeyId later = _store.Writer.Create("acme", "later", KeyAlgorithm.Ed25519);
        using Keystore follower = _store.Follow();
        byte[] signature = follower.Sign(later, s_message);
        _store.Writer.Dispose();
        File.WriteAllText(_store.Journal(), "damaged\n");

        using Keystore restored = Keystore.Restore(_store.Outside("backup"), _store.Place, KeyEncryptionKey.FromBytes(FollowedKeys.First));

        KmsException stale = Assert.Throws<KmsException>(() => follower.Verify(later, s_message, signature));
        Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
    }

    [Fact]
    public void An_older_generation_put_back_ends_it()
    {
        KeyId key = _store.Writer.Create("acme", "signing", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(key, s_message);
        byte[] description = File.ReadAllBytes(Path.Combine(_store.Root, "store.json"));
        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First), cancellation: Cancel);
        using Keystore follower = _store.Follow();

        File.WriteAllBytes(Path.Combine(_store.Root, "store.json"), description);

        KmsException stale = Assert.Throws<KmsException>(() => follower.Verify(key, s_message, signature));
        Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
    }

    [Fact]
    public void A_change_of_kek_is_followed_as_long_as_the_store_key_stays()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        using Keystore follower = _store.Follow();
        evidence.Check(follower);

        _store.Writer.ChangeKek(KeyEncryptionKey.FromBytes(FollowedKeys.Second));
        evidence.Check(follower);
        Assert.True(Compacted());
        evidence.Check(follower);

        _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.Second), cancellation: Cancel);
        KmsException stale = Assert.Throws<KmsException>(() => evidence.Check(follower));
        Assert.Equal((KmsError.StoreStale, KmsError.WrongKek), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
        Assert.EndsWith("Reopen it with that one. This keystore answers no more.", stale.Message, StringComparison.Ordinal);
        Assert.Same(stale.InnerException, Assert.Throws<KmsException>(() => evidence.Check(follower)).InnerException);

        using Keystore reopened = _store.Follow(kek: FollowedKeys.Second);
        evidence.Check(reopened);
    }

    [Fact]
    public void A_change_of_kek_that_was_cut_short_keeps_nobody_from_following()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        using Keystore follower = _store.Follow();
        byte[] before = File.ReadAllBytes(Path.Combine(_store.Root, "store.json"));
        _store.Writer.ChangeKek(KeyEncryptionKey.FromBytes(FollowedKeys.Second));
        File.Move(Path.Combine(_store.Root, "store.json"), Path.Combine(_store.Root, "store.json.next"));
        StoreImage.Write(Path.Combine(_store.Root, "store.json"), before);

        evidence.Check(follower);
        using (Keystore opened = _store.Follow()) evidence.Check(opened);

        // Without what was to take its place it is a store.json of another day.
        File.Delete(Path.Combine(_store.Root, "store.json.next"));
        KmsException stale = Assert.Throws<KmsException>(() => evidence.Check(follower));
        Assert.Equal((KmsError.StoreStale, KmsError.Rollback), (stale.Error, Assert.IsType<KmsException>(stale.InnerException).Error));
        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => _store.Follow()).Error);
    }

    private bool Compacted()
    {
        KeyId key = _store.Writer.List()[0].Id;
        for (int i = 0; i < 20; i++)
        {
            _store.Writer.Disable(key);
            _store.Writer.Enable(key);
        }

        return _store.Writer.Compact(cancellation: Cancel);
    }
}
