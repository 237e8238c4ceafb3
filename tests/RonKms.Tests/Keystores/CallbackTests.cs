using System.Diagnostics.Metrics;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>Code of others that is called while a change is written, and what it may do to the keystore.</summary>
public sealed class CallbackTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly SpyBackend _backend = new();
    private readonly MeasuredKeystore _meters = new();
    private readonly byte[] _kek = new byte[32];
    private readonly FileStore _store;
    private readonly Keystore _keystore;

    public CallbackTests()
    {
        _store = FileStore.Open(_directory["store"], new FileStoreOptions { Create = true });
        _keystore = Keystore.OpenOrCreate(
            _store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions { Backend = _backend, MeterFactory = _meters });
    }

    public void Dispose()
    {
        // Whatever was tried, the store can be opened again.
        _keystore.Dispose();
        Keystore.Open("file:" + _directory["store"], KeyEncryptionKey.FromBytes(_kek)).Dispose();
        _meters.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_meter_that_hears_of_a_sealing_may_make_a_key_in_turn()
    {
        bool heard = false;
        KeyId? made = null;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, owner) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _meters)) owner.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (!heard && tags.Contains(new("op", "seal")))
            {
                heard = true;
                made = _keystore.Create("acme", "audit", KeyAlgorithm.HmacSha256);
            }
        });
        listener.Start();

        KeyId first = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal([first, made], _keystore.List().Select(key => key.Id));
    }

    [Fact]
    public void A_subscriber_may_refresh_the_keystore_that_wrote()
    {
        List<int> known = [];
        using IDisposable subscription = _store.OnAppended(_ =>
        {
            _keystore.Refresh();
            known.Add(_keystore.List().Count);
        });

        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Rotate(key);
        _keystore.DestroyAllVersions(key);
        _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal([1, 1, 1, 2], known);
        Assert.Equal(6, _keystore.CheckHealth().HeadSeq);
    }

    [Fact]
    public void A_subscriber_that_throws_harms_nobody_but_itself()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Sign(key, "m"u8);
        int told = 0;
        using IDisposable first = _store.OnAppended(_ => throw new InvalidOperationException("for the test"));
        using IDisposable second = _store.OnAppended(_ => told++);

        _keystore.Destroy(key);

        Assert.Equal(1, told);
        Assert.Equal(KeyState.Destroyed, _keystore.Get(key).State);
        Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => _keystore.Sign(key, "m"u8)).Error);
        Assert.Equal(0, _backend.Held);
        Assert.True(_keystore.CheckHealth().IsWritable);
    }

    [Fact]
    public void A_subscriber_cannot_change_the_keystore_that_is_writing()
    {
        InvalidOperationException? refusal = null;
        using IDisposable subscription = _store.OnAppended(
            _ => refusal = Assert.Throws<InvalidOperationException>(() => _keystore.Create("acme", "q", KeyAlgorithm.Ed25519)));

        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Contains("callback", refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(key, Assert.Single(_keystore.List()).Id);
    }

    [Fact]
    public void A_version_whose_record_is_just_gone_is_destroyed_and_not_damaged()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KmsError? error = null;
        using IDisposable subscription = _store.OnAppended(_ => error = Assert.Throws<KmsException>(() => _keystore.Sign(key, "m"u8)).Error);

        _keystore.Destroy(key);

        Assert.Equal(KmsError.KeyDestroyed, error);
    }
}
