using RonKms.Sealing;
using RonKms.Testing;

namespace RonKms.Tests.Keystores;

public sealed class GuardTests : IDisposable
{
    private readonly RecordingGuard _guard = new();
    private readonly SpyStore _store = new();
    private readonly SpyBackend _backend = new();
    private readonly Keystore _keystore;
    private readonly UsedKeys _keys;

    public GuardTests()
    {
        _keystore = Open(_store, _backend, _guard);
        _keys = new UsedKeys(_keystore);
        _guard.Forget();
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose() => _keystore.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void Each_operation_is_seen_once_before_and_once_after(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);

        call.Run(_keystore.ForCaller("bob", "request 7"), _keys);

        Assert.Equal(call.Kinds, _guard.Begun.Select(op => op.Kind));
        Assert.Equal(_guard.Begun, _guard.Ended.Select(ended => ended.Operation));
        Assert.All(_guard.Ended, ended => Assert.Null(ended.Failure));
        Assert.All(_guard.Begun, op => Assert.False(op.Key.IsLatest));
        Assert.All(_guard.Begun, op => Assert.Equal(("bob", "request 7"), (op.Caller, op.CorrelationId)));
        Assert.Equal(["before", "after"], _guard.Seen.Select(seen => seen.Phase).Take(2));
    }

    [Fact]
    public void Members_that_only_tell_are_not_seen()
    {
        Assert.All(KeystoreCall.Telling, tell => tell(_keystore, _keys));
        Assert.Empty(_guard.Seen);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_guard_stops_an_operation_before_a_secret_is_touched(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);
        ForgetOpenedKeys();
        KeystoreHealth health = _keystore.CheckHealth();
        _guard.OnBefore = _ => throw new KmsException(KmsError.Frozen, "Frozen for the test.");
        _guard.Forget();
        _store.Forget();
        _backend.Forget();

        Assert.Equal(KmsError.Frozen, Assert.Throws<KmsException>(() => call.Run(_keystore, _keys)).Error);

        Assert.Empty(_store.Calls);
        Assert.Empty(_backend.Calls);
        Assert.Equal(health, _keystore.CheckHealth());
        Assert.Single(_guard.Seen);
    }

    [Fact]
    public void What_a_guard_throws_reaches_the_caller_as_it_is()
    {
        InvalidOperationException thrown = new("not a KmsException");
        _guard.OnBefore = _ => throw thrown;

        Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => _keystore.Sign(_keys.Signing, "m"u8)));
    }

    [Fact]
    public void Operations_of_the_keystore_itself_have_no_caller()
    {
        _keystore.Sign(_keys.Signing, "m"u8);

        Assert.Equal(new KmsOperation(KmsOperationKind.Sign, _keys.Signing, null, null), Assert.Single(_guard.Begun));
    }

    [Fact]
    public void Who_has_a_view_cannot_become_another_caller()
    {
        IKeystore view = _keystore.ForCaller("alice", "1");

        Assert.Throws<InvalidOperationException>(() => view.ForCaller("bob"));
        Assert.Throws<InvalidOperationException>(() => view.ForCaller("alice", "2"));

        view.Sign(_keys.Signing, "m"u8);
        Assert.Equal(new KmsOperation(KmsOperationKind.Sign, _keys.Signing, "alice", "1"), Assert.Single(_guard.Begun));
    }

    [Fact]
    public void Disposing_a_view_does_nothing()
    {
        _keystore.ForCaller("bob").Dispose();

        _keystore.Sign(_keys.Signing, "m"u8);
    }

    [Fact]
    public void A_caller_has_a_name()
    {
        Assert.ThrowsAny<ArgumentException>(() => _keystore.ForCaller(""));
        Assert.ThrowsAny<ArgumentException>(() => _keystore.ForCaller(null!));
    }

    [Fact]
    public void The_version_seen_is_the_one_that_does_it()
    {
        KeyId second = _keystore.Rotate(_keys.Wrapping);
        _guard.Forget();

        _keystore.Unwrap(second, _keys.Envelope).Dispose();
        _keystore.Rewrap(second, _keys.Envelope);
        KeyId made = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId third = _keystore.Rotate(second.Latest);

        Assert.Equal([_keys.Wrapping, _keys.Wrapping, second, made, third], _guard.Begun.Select(op => op.Key));
    }

    [Fact]
    public void Every_version_that_is_destroyed_is_seen()
    {
        KeyId second = _keystore.Rotate(_keys.Spare);
        KeyId third = _keystore.Rotate(second);
        _keystore.Destroy(second);
        _guard.Forget();

        _keystore.DestroyAllVersions(second);

        Assert.Equal([_keys.Spare, third], _guard.Begun.Select(op => op.Key));
        Assert.Equal([third, _keys.Spare], _guard.Ended.Select(ended => ended.Operation.Key));
        Assert.All(_guard.Ended, ended => Assert.Null(ended.Failure));

        _guard.Forget();
        _keystore.DestroyAllVersions(_keys.Spare);
        Assert.Equal(third, Assert.Single(_guard.Begun).Key);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_version_that_must_stay_keeps_the_others(uint denied)
    {
        KeyId third = _keystore.Rotate(_keystore.Rotate(_keys.Spare));
        _guard.Forget();
        _guard.OnBefore = op => _ = op.Key.Version == denied ? throw new KmsException(KmsError.Denied, "Denied for the test.") : 0;

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => _keystore.DestroyAllVersions(third)).Error);

        Assert.Equal(denied, (uint)_guard.Begun.Count());
        Assert.Equal(Enumerable.Range(1, (int)denied - 1).Reverse(), _guard.Ended.Select(ended => (int)ended.Operation.Key.Version));
        Assert.All(_guard.Ended, ended => Assert.Equal(KmsError.Denied, ended.Failure));
        Assert.All(_keystore.List(new() { AllVersions = true }), info => Assert.Equal(KeyState.Enabled, info.State));
    }

    [Fact]
    public void A_version_that_no_guard_was_asked_about_is_not_destroyed()
    {
        _guard.OnBefore = op =>
        {
            if (op.Kind == KmsOperationKind.Destroy) _keystore.Rotate(_keys.Spare);
        };

        Assert.Equal(KmsError.Busy, Assert.Throws<KmsException>(() => _keystore.DestroyAllVersions(_keys.Spare)).Error);

        Assert.Equal(KeyState.Enabled, _keystore.Get(_keys.Spare).State);
        Assert.Equal(KeyState.Enabled, _keystore.Get(_keys.Spare.Latest).State);
        _guard.OnBefore = null;
        _keystore.DestroyAllVersions(_keys.Spare);
        Assert.Equal(KeyState.Destroyed, _keystore.Get(_keys.Spare.Latest).State);
    }

    [Fact]
    public void A_guard_that_throws_at_the_end_of_one_version_fails_those_around_it()
    {
        KeyId second = _keystore.Rotate(_keys.Spare);
        KeyId third = _keystore.Rotate(second);
        _guard.Forget();
        _guard.OnAfter = (op, failure) => _ = op.Key == second ? throw new KmsException(KmsError.Frozen, "Frozen for the test.") : failure;

        Assert.Equal(KmsError.Frozen, Assert.Throws<KmsException>(() => _keystore.DestroyAllVersions(third)).Error);

        Assert.Equal([(third, null), (second, null), (_keys.Spare, KmsError.Frozen)], _guard.Ended.Select(ended => (ended.Operation.Key, ended.Failure)));
    }

    [Fact]
    public void After_is_told_why_an_operation_failed()
    {
        Assert.Throws<KmsException>(() => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, "other"u8));
        Assert.Throws<KmsException>(() => _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[31]));

        Assert.Equal([KmsError.DecryptionFailed, KmsError.ImportRefused], _guard.Ended.Select(ended => ended.Failure!.Value));
        Assert.Equal(_guard.Begun, _guard.Ended.Select(ended => ended.Operation));
    }

    [Fact]
    public void What_is_not_allowed_anyway_reaches_no_guard()
    {
        _keystore.Disable(_keys.Signing);
        _guard.Forget();

        Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Signing, "m"u8));
        Assert.Throws<ArgumentException>(() => _keystore.Sign(_keys.Mac, "m"u8));
        Assert.Empty(_guard.Seen);
    }

    [Fact]
    public void Guards_begin_in_their_order_and_end_in_the_reverse_one()
    {
        List<string> order = [];
        using Keystore keystore = Open(new SpyStore(), new SpyBackend(), Numbered(order, 1), Numbered(order, 2), Numbered(order, 3));

        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal(["before 1", "before 2", "before 3", "after 3", "after 2", "after 1"], order);
    }

    [Fact]
    public void An_error_that_has_no_name_reaches_the_caller_like_any_other()
    {
        RecordingGuard guard = new() { OnBefore = _ => throw new KmsException((KmsError)999, "Of a newer version.") };
        using Keystore keystore = Open(new SpyStore(), new SpyBackend(), guard);

        Assert.Equal((KmsError)999, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519)).Error);
    }

    [Fact]
    public void Only_guards_that_let_an_operation_through_are_told_how_it_ended()
    {
        List<string> order = [];
        RecordingGuard second = Numbered(order, 2);
        second.OnBefore += _ => throw new KmsException(KmsError.Denied, "Denied for the test.");
        using Keystore keystore = Open(new SpyStore(), new SpyBackend(), Numbered(order, 1), second, Numbered(order, 3));

        Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));

        Assert.Equal(["before 1", "before 2", "after 1 Denied"], order);
        Assert.Empty(keystore.List());
    }

    [Fact]
    public void A_guard_that_throws_at_the_end_fails_the_operation_and_the_others_are_told()
    {
        List<string> order = [];
        RecordingGuard second = Numbered(order, 2);
        second.OnAfter += (_, _) => throw new KmsException(KmsError.Denied, "Denied for the test.");
        using Keystore keystore = Open(new SpyStore(), new SpyBackend(), Numbered(order, 1), second, Numbered(order, 3));

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519)).Error);

        Assert.Equal(["before 1", "before 2", "before 3", "after 3", "after 2", "after 1 Denied"], order);
        Assert.Single(keystore.List());
    }

    [Fact]
    public void A_guard_that_throws_after_a_failure_leaves_no_other_guard_out()
    {
        List<string> order = [];
        RecordingGuard second = Numbered(order, 2);
        second.OnAfter += (_, _) => throw new InvalidOperationException();
        using Keystore keystore = Open(new SpyStore(), new SpyBackend(), Numbered(order, 1), second, Numbered(order, 3));

        Assert.Throws<InvalidOperationException>(() => keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[1]));

        Assert.Equal(["before 1", "before 2", "before 3", "after 3 ImportRefused", "after 2 ImportRefused", "after 1 Denied"], order);
    }

    [Fact]
    public void What_an_operation_wrote_is_taken_back_when_a_guard_fails_it_at_the_end()
    {
        _guard.OnAfter = (_, _) => throw new KmsException(KmsError.Denied, "Denied for the test.");

        Zeroed(64, destination => _keystore.Sign(_keys.Signing, "m"u8, destination, out _));
        Zeroed(32, destination => _keystore.ComputeMac(_keys.Mac, "m"u8, destination, out _));
        Zeroed(64, destination => _keystore.Encapsulate(_keys.Kem, destination.AsSpan(0, 32), destination.AsSpan(32), out _));
        Zeroed(32, destination => _keystore.Decapsulate(_keys.Kem, _keys.Ciphertext, destination));
        Zeroed(62, destination => _keystore.Wrap(_keys.Wrapping, "m"u8, default, destination));
        Zeroed(1, destination => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, default, destination));
        Zeroed(1, destination => _keystore.HpkeOpen(_keys.Kem, _keys.Sealed, destination));

        static void Zeroed(int size, Action<byte[]> call)
        {
            byte[] destination = new byte[size];
            destination.AsSpan().Fill(0xEE);
            Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => call(destination)).Error);
            Assert.Equal(new byte[size], destination);
        }
    }

    [Theory]
    [InlineData("disable", KmsError.KeyDisabled)]
    [InlineData("destroy", KmsError.KeyDestroyed)]
    public async Task A_version_put_out_of_use_while_guards_think_is_not_used(string change, KmsError error)
    {
        byte[] signature = new byte[64];
        bool changed = false;
        _guard.OnBefore = op =>
        {
            if (op.Kind == KmsOperationKind.Sign && !changed)
            {
                changed = true;
                (change == "disable" ? (Action<KeyId>)_keystore.Disable : _keystore.Destroy)(op.Key);
            }
        };

        Task<KmsException> sign = Task.Run(() => Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Signing, "m"u8, signature, out _)));

        Assert.Equal(error, (await sign.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Error);
        Assert.Equal(new byte[64], signature);
    }

    [Fact]
    public void A_purge_is_a_destroy_that_guards_see_and_cannot_undo()
    {
        ManualTimeProvider time = new();
        RecordingGuard guard = new() { OnBefore = op => Assert.NotEqual(KmsOperationKind.Destroy, op.Kind) };
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { TimeProvider = time, PurgeAfter = TimeSpan.FromHours(1), Guards = { guard } });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        keystore.Sign(key, "m"u8);
        KeyId next = keystore.Rotate(key);
        guard.OnBefore = op => Assert.NotEqual(next, op.Key);

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(
            [new(KmsOperationKind.Destroy, key, null, null), new(KmsOperationKind.Destroy, next, null, null)], guard.Begun.TakeLast(2));
        Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Error);
        Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
    }

    private static Keystore Open(SpyStore store, SpyBackend backend, params ReadOnlySpan<RecordingGuard> guards)
    {
        KeystoreOptions options = new() { Backend = backend, TimeProvider = new ManualTimeProvider() };
        foreach (RecordingGuard guard in guards)
        {
            options.Guards.Add(guard);
        }

        return Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), options);
    }

    private static RecordingGuard Numbered(List<string> order, int number) => new()
    {
        OnBefore = _ => order.Add($"before {number}"),
        OnAfter = (_, failure) => order.Add($"after {number} {failure}".TrimEnd()),
    };

    /// <summary>Lets the keystore give up the keys that it holds ready.</summary>
    private void ForgetOpenedKeys()
    {
        foreach (KeyId key in new[] { _keys.Signing, _keys.Mac, _keys.Kem, _keys.Wrapping })
        {
            _keystore.Disable(key);
            _keystore.Enable(key);
        }
    }
}
