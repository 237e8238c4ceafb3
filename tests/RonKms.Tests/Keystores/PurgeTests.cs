using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>Keys that are destroyed by themselves, and stores that end with the process.</summary>
public sealed class PurgeTests : IDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private readonly SpyBackend _backend = new();
    private readonly Keystore _keystore;

    public PurgeTests() => _keystore = Keystore.InMemory(
        new KeystoreOptions { TimeProvider = _time, LoggerFactory = _log, Backend = _backend, OpenedKeyIdleWipe = null });

    public void Dispose() => _keystore.Dispose();

    [Fact]
    public void A_key_is_destroyed_at_its_purge_time_and_not_before()
    {
        KeyId key = Create(_time.GetUtcNow() + s_life);
        byte[] envelope = _keystore.Wrap(key, "m"u8);
        KeyId next = _keystore.Rotate(key);
        long head = _keystore.CheckHealth().HeadSeq;

        _time.Advance(s_life - s_moment);
        _keystore.Wrap(next, "m"u8);
        _keystore.Unwrap(key, envelope).Dispose();
        Assert.Equal(KeyState.Enabled, _keystore.Get(key).State);
        Assert.Equal(2, _backend.Held);

        _time.Advance(s_moment);
        Assert.Equal(head + 2, _keystore.CheckHealth().HeadSeq);
        Assert.Equal(0, _backend.Held);
        Assert.Equal([KeyState.Destroyed, KeyState.Destroyed], _keystore.List(new() { AllVersions = true }).Select(info => info.State));
        Refused(() => _keystore.Wrap(next, "m"u8));
        Refused(() => _keystore.Unwrap(key, envelope));
        Refused(() => _keystore.Rotate(next));
    }

    [Fact]
    public void The_purge_time_is_told_until_and_after_the_purge()
    {
        DateTimeOffset at = _time.GetUtcNow() + s_life;
        KeyId key = Create(at);
        Assert.Equal(at, _keystore.Get(key).PurgeAt);

        _time.Advance(s_life);

        Assert.Equal(at, _keystore.Get(key).PurgeAt);
    }

    [Fact]
    public void A_late_timer_revives_nothing()
    {
        KeyId key = Create(_time.GetUtcNow() + s_life);
        byte[] envelope = _keystore.Wrap(key, "m"u8);
        long head = _keystore.CheckHealth().HeadSeq;

        // The clock is there, and no timer has fired.
        _time.SetUtcNow(_time.GetUtcNow() + s_life);

        Refused(() => _keystore.Wrap(key, "m"u8));
        Refused(() => _keystore.Unwrap(key, envelope));
        Refused(() => _keystore.Rotate(key));
        Refused(() => _keystore.Enable(key));
        Refused(() => _keystore.Disable(key));
        Assert.Null(_keystore.FindCurrent("acme", "p"));
        Assert.Equal(KeyState.Destroyed, _keystore.Get(key).State);
        Assert.Equal([key], _keystore.List(new() { State = KeyState.Destroyed }).Select(info => info.Id));
        Assert.Equal(head, _keystore.CheckHealth().HeadSeq);
    }

    [Fact]
    public void Setting_the_clock_back_revives_no_purged_key()
    {
        DateTimeOffset start = _time.GetUtcNow();
        KeyId key = Create(start + s_life);
        _time.Advance(s_life);

        _time.SetUtcNow(start);

        Refused(() => _keystore.Wrap(key, "m"u8));
    }

    [Fact]
    public void Keys_are_purged_each_at_its_own_time_whatever_the_order_they_were_made_in()
    {
        DateTimeOffset start = _time.GetUtcNow();
        KeyId third = Create(start + (3 * s_life));
        KeyId first = Create(start + s_life);
        KeyId never = _keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        KeyId second = Create(start + (2 * s_life));
        KeyId far = Create(start + TimeSpan.FromDays(400));

        foreach (KeyId[] purged in new KeyId[][] { [first], [first, second], [first, second, third], [first, second, third] })
        {
            _time.Advance(s_life);
            Assert.Equal(purged, _keystore.List(new() { State = KeyState.Destroyed }).Select(info => info.Id).OrderBy(id => Array.IndexOf([first, second, third], id)));
        }

        _time.Advance(TimeSpan.FromDays(400));
        Assert.Equal([never], _keystore.List(new() { State = KeyState.Enabled }).Select(info => info.Id));
        Assert.NotEqual(never, far);
    }

    [Fact]
    public void A_key_that_was_destroyed_before_its_purge_is_left_alone()
    {
        KeyId key = Create(_time.GetUtcNow() + s_life);
        _keystore.DestroyAllVersions(key);
        long head = _keystore.CheckHealth().HeadSeq;

        _time.Advance(2 * s_life);

        Assert.Equal(head, _keystore.CheckHealth().HeadSeq);
        Assert.DoesNotContain("PurgeFailed", _log.Names);
    }

    [Fact]
    public void Keys_live_as_long_as_the_options_say_unless_they_say_otherwise()
    {
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { TimeProvider = _time, PurgeAfter = s_life });
        DateTimeOffset start = _time.GetUtcNow();
        KeyId usual = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId longer = keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { PurgeAt = start + (2 * s_life) });
        KeyId imported = keystore.Import("acme", "p", KeyAlgorithm.Ed25519, UsedKeys.Secret);

        Assert.Equal([start + s_life, start + (2 * s_life), start + s_life], new[] { usual, longer, imported }.Select(key => keystore.Get(key).PurgeAt));
        _time.Advance(s_life);
        Assert.Equal(
            [KeyState.Destroyed, KeyState.Enabled, KeyState.Destroyed], new[] { usual, longer, imported }.Select(key => keystore.Get(key).State));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_purge_time_that_is_not_later_than_now_is_refused(int milliseconds)
    {
        Assert.Throws<ArgumentException>(() => Create(_time.GetUtcNow() + TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Empty(_keystore.List());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(-1)]
    public void Times_at_the_epoch_are_times_and_not_the_absence_of_one(double milliseconds)
    {
        DateTimeOffset epoch = DateTimeOffset.UnixEpoch.AddTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));

        Assert.Throws<ArgumentException>(() => Create(epoch));
        Assert.Throws<ArgumentException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = epoch }));
        Assert.Empty(_keystore.List());
    }

    [Fact]
    public async Task A_version_that_is_being_made_when_the_time_comes_is_destroyed_too()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using ManualResetEventSlim isDue = new();
        RecordingGuard guard = new();
        SpyStore store = new();
        using Keystore keystore = Keystore.OpenOrCreate(
            store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { TimeProvider = _time, Guards = { guard }, PurgeAfter = s_life });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Task purge = Task.CompletedTask;
        guard.OnBefore = op =>
        {
            if (op.Kind == KmsOperationKind.Destroy) isDue.Set();
        };
        store.OnCommit = _ =>
        {
            store.OnCommit = null;
            purge = Task.Run(() => _time.Advance(s_life), cancelled);
            Assert.True(isDue.Wait(TimeSpan.FromSeconds(30), cancelled));
        };

        KeyId next = keystore.Rotate(key);
        await purge.WaitAsync(TimeSpan.FromSeconds(30), cancelled);

        Assert.Equal([key, key, next], guard.Begun.Where(op => op.Kind == KmsOperationKind.Destroy).Select(op => op.Key));
        Assert.Equal(5, keystore.CheckHealth().HeadSeq);
    }

    [Fact]
    public void What_a_guard_throws_at_a_purge_is_logged_and_the_others_go_on()
    {
        RecordingGuard guard = new();
        CapturedLog log = new();
        using Keystore keystore = Keystore.InMemory(
            new KeystoreOptions { TimeProvider = _time, LoggerFactory = log, Guards = { guard }, Backend = new SpyBackend(), PurgeAfter = s_life });
        KeyId first = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId second = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        guard.OnBefore = op => _ = op.Key == first ? throw new NotSupportedException("for the test") : 0;

        _time.Advance(s_life);

        Assert.Single(log.Names, "PurgeFailed");
        Assert.Equal([first, second], guard.Begun.TakeLast(2).Select(op => op.Key));
        Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => keystore.Sign(first, "m"u8)).Error);
    }

    [Fact]
    public void A_keystore_that_is_disposed_purges_nothing_more()
    {
        Create(_time.GetUtcNow() + s_life);

        _keystore.Dispose();
        _time.Advance(2 * s_life);

        Assert.DoesNotContain("PurgeFailed", _log.Names);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void A_store_that_outlives_the_process_takes_no_purge_times()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        string place = "file:" + directory["store"];
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => Keystore.OpenOrCreate(place, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { PurgeAfter = s_life }));
        Assert.Contains(nameof(KeystoreOptions.PurgeAfter), refusal.Message, StringComparison.Ordinal);

        using Keystore keystore = Keystore.OpenOrCreate(place, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { TimeProvider = _time });
        Assert.Throws<ArgumentException>(
            () => keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { PurgeAt = _time.GetUtcNow() + s_life }));
        Assert.Empty(keystore.List());
    }

    [Fact]
    public void A_store_that_outlives_the_process_is_refused_under_amnesia_and_nothing_is_made()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();

        Assert.Throws<ArgumentException>(
            () => Keystore.OpenOrCreate("file:" + directory["store"], KeyEncryptionKey.Ephemeral(), new KeystoreOptions { Amnesia = true }));

        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Amnesia_may_be_asked_for_or_not_in_memory()
    {
        foreach (bool? amnesia in new bool?[] { true, false, null })
        {
            using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Amnesia = amnesia });
            keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        }
    }

    private KeyId Create(DateTimeOffset purgeAt) => _keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm, new() { PurgeAt = purgeAt });

    private static void Refused(Action call) => Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(call).Error);
}
