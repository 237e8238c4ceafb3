using RonKms.Algorithms;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;

namespace RonKms.Tests.Keystores;

/// <summary>Which keys are held ready, and for how long.</summary>
public sealed class OpenedKeyTests : IDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(15);

    private readonly ManualTimeProvider _time = new();
    private readonly SpyBackend _backend = new();
    private Keystore? _keystore;

    public void Dispose() => _keystore?.Dispose();

    [Fact]
    public void A_key_in_use_is_opened_once()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        for (int i = 0; i < 10; i++)
        {
            keystore.Sign(key, "m"u8);
        }

        Assert.Equal(1, _backend.Opened);
        Assert.Equal(1, _backend.Held);
    }

    [Fact]
    public void Verification_and_encapsulation_open_no_key()
    {
        Keystore keystore = Open();
        KeyId signing = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId kem = keystore.Create("acme", "p", KeyAlgorithm.X25519);

        keystore.Verify(signing, "m"u8, new byte[64]);
        keystore.Encapsulate(kem, out _).Dispose();
        keystore.GetPublicKey(signing);
        keystore.Attest(signing);

        Assert.Equal(0, _backend.Opened);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void No_more_keys_are_held_than_the_limit(int limit)
    {
        Keystore keystore = Open(limit);
        KeyId[] keys = [.. Enumerable.Range(0, 8).Select(_ => keystore.Create("acme", "p", KeyAlgorithm.Ed25519))];

        for (int round = 0; round < 3; round++)
        {
            foreach (KeyId key in keys)
            {
                Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
                Assert.InRange(_backend.Held, 0, limit);
            }
        }
    }

    [Fact]
    public void A_key_that_must_give_way_at_once_still_serves_its_use()
    {
        Keystore keystore = Open(limit: 1);
        KeyId busy = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId other = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        keystore.Sign(busy, "m"u8);
        _backend.Forget();

        // The busy key is used each time before the other one is held, so it is the one to stay.
        _backend.OnOpen = () => keystore.Sign(busy, "m"u8);
        keystore.Sign(other, "m"u8);

        Assert.Equal(1, _backend.Opened);
    }

    [Fact]
    public void A_key_is_wiped_between_once_and_twice_the_idle_time_after_its_last_use()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        keystore.Sign(key, "m"u8);

        _time.Advance(s_idle);
        Assert.Equal(1, _backend.Held);
        _time.Advance(s_idle - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _backend.Held);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _backend.Held);

        keystore.Sign(key, "m"u8);
        Assert.Equal(2, _backend.Opened);
        Assert.Equal(1, _backend.Held);
    }

    [Fact]
    public void A_key_that_is_used_stays()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        for (int i = 0; i < 10; i++)
        {
            keystore.Sign(key, "m"u8);
            _time.Advance(s_idle);
        }

        Assert.Equal(1, _backend.Opened);
    }

    [Fact]
    public void Without_an_idle_time_keys_stay()
    {
        Keystore keystore = Open(idle: null);
        keystore.Sign(keystore.Create("acme", "p", KeyAlgorithm.Ed25519), "m"u8);

        _time.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(1, _backend.Held);
    }

    [Theory]
    [InlineData("ed25519", 0)]
    [InlineData("aes256gcm", 1)]
    [InlineData("hmacsha256", 1)]
    public void Rotation_wipes_an_old_version_only_where_it_signs(string algorithm, int held)
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.FindByName(algorithm)!);
        Use(keystore, key);
        Assert.Equal(1, _backend.Held);

        keystore.Rotate(key);

        Assert.Equal(held, _backend.Held);
    }

    [Fact]
    public void Rotation_leaves_a_decapsulating_version_ready()
    {
        Keystore keystore = Open();
        UsedKeys keys = new(keystore);
        keystore.Decapsulate(keys.Kem, keys.Ciphertext).Dispose();
        _backend.Forget();

        keystore.Rotate(keys.Kem);
        keystore.Decapsulate(keys.Kem, keys.Ciphertext).Dispose();

        Assert.Equal(0, _backend.Opened);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("destroy")]
    [InlineData("destroy all")]
    public void A_version_out_of_use_is_wiped(string change)
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = keystore.Wrap(key, "m"u8);
        keystore.Rotate(key);
        keystore.Unwrap(key, envelope).Dispose();
        Assert.Equal(1, _backend.Held);

        switch (change)
        {
            case "disable":
                keystore.Disable(key);
                break;
            case "destroy":
                keystore.Destroy(key);
                break;
            default:
                keystore.DestroyAllVersions(key);
                break;
        }

        Assert.Equal(0, _backend.Held);
    }

    [Fact]
    public void Disposal_wipes_every_key_and_closes_store_and_backend()
    {
        SpyStore store = new();
        Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { Backend = _backend, TimeProvider = _time });
        UsedKeys keys = new(keystore);
        keystore.Decapsulate(keys.Kem, keys.Ciphertext).Dispose();
        Assert.Equal(4, _backend.Held);

        keystore.Dispose();
        keystore.Dispose();

        Assert.Equal(0, _backend.Held);
        Assert.True(_backend.IsDisposed);
        Assert.True(store.IsDisposed);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void A_key_that_the_backend_opened_as_something_else_is_refused_and_wiped()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _backend.Instead = new HmacSha256Algorithm().Open(new byte[32]);

        Assert.Equal(KmsError.Internal, Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Error);

        Assert.Equal(1, _backend.Opened);
        Assert.Equal(0, _backend.Held);
        _backend.Instead = null;
        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("disable")]
    [InlineData("destroy")]
    public void A_key_given_up_while_it_signs_signs_to_the_end(string change)
    {
        HookedEd25519 algorithm = new();
        AlgorithmCatalog catalog = AlgorithmCatalog.Classical.With(algorithm);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Algorithms = catalog });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        keystore.Sign(key, "m"u8);
        algorithm.OnSigning = () =>
        {
            switch (change)
            {
                case "rotate":
                    keystore.Rotate(key);
                    break;
                case "disable":
                    keystore.Disable(key);
                    break;
                default:
                    keystore.Destroy(key);
                    break;
            }
        };

        byte[] signature = keystore.Sign(key, "m"u8, new SignOptions());

        Assert.Null(algorithm.OnSigning);
        Assert.True(keystore.Verify(key, "m"u8, signature));
        Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("disable")]
    public void A_signing_key_that_is_opened_too_late_to_be_held_is_not(string change)
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _backend.OnOpen = () =>
        {
            _backend.OnOpen = null;
            if (change == "rotate")
            {
                keystore.Rotate(key);
            }
            else
            {
                keystore.Disable(key);
            }
        };

        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));

        Assert.Equal(0, _backend.Held);
    }

    [Fact]
    public void A_record_that_is_not_the_one_the_journal_names_is_that_key_s_damage_alone()
    {
        MemoryStore memory = new();
        SpyStore store = new(memory);
        using Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral());
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId other = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        StoreCommit removal = new(3, [], [], [new RecordRemoval(key.Uuid, 1, default)]);
        Assert.Equal(CommitResult.Committed, memory.Commit(removal));

        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Error);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keystore.GetPublicKey(key)).Error);
        keystore.Sign(other, "m"u8);
    }

    private static void Use(Keystore keystore, KeyId key)
    {
        switch (key.Algorithm.Use)
        {
            case KeyUse.Sign:
                keystore.Sign(key, "m"u8);
                break;
            case KeyUse.Wrap:
                keystore.Wrap(key, "m"u8);
                break;
            default:
                keystore.ComputeMac(key, "m"u8, out _);
                break;
        }
    }

    private Keystore Open(int limit = 100) => Open(s_idle, limit);

    private Keystore Open(TimeSpan? idle, int limit = 100) => _keystore = Keystore.InMemory(
        new KeystoreOptions { Backend = _backend, TimeProvider = _time, OpenedKeyLimit = limit, OpenedKeyIdleWipe = idle });
}
