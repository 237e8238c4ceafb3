using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;

namespace RonKms.Tests.Keystores;

/// <summary>Keys that were taken out of use are used no more, however this process comes to know of it.</summary>
public sealed class WithdrawalTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SpyStore _store;
    private readonly SpyBackend _backend = new();
    private readonly RecordingGuard _guard = new();
    private readonly byte[] _kek = new byte[32];
    private readonly MemoryStore _shared = new();
    private readonly Keystore _keystore;

    public WithdrawalTests()
    {
        _store = new SpyStore(_shared);
        KeystoreOptions options = new() { Backend = _backend, TimeProvider = _time, OpenedKeyIdleWipe = null, Guards = { _guard } };
        _keystore = Keystore.OpenOrCreate(_store, KeyEncryptionKey.FromBytes(_kek), options);
    }

    public void Dispose() => _keystore.Dispose();

    [Theory]
    [InlineData("disable", false)]
    [InlineData("disable", true)]
    [InlineData("destroy", false)]
    [InlineData("destroy", true)]
    [InlineData("rotate", false)]
    [InlineData("rotate", true)]
    public void What_another_writer_took_out_of_use_is_wiped_when_that_is_heard_of(string change, bool byConflict)
    {
        KeyId key = Used();
        using Keystore other = Keystore.Open(new SpyStore(_shared), KeyEncryptionKey.FromBytes(_kek));
        Apply(other, change, key);
        Assert.Equal(1, _backend.Held);

        if (byConflict)
        {
            _keystore.Create("acme", "q", KeyAlgorithm.Aes256Gcm);
        }
        else
        {
            _keystore.Refresh();
        }

        Assert.Equal(0, _backend.Held);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("destroy")]
    [InlineData("destroy all")]
    public void What_may_be_out_of_use_is_used_no_more_until_the_store_is_reopened(string change)
    {
        KeyId key = Used();
        KeyId another = Used();
        _store.OnCommit = _ => throw new KmsException(KmsError.StoreFailed, "The disk is full, for the test.");

        Refused(KmsError.StoreFailed, () => Apply(_keystore, change, key));

        Assert.Equal(1, _backend.Held);
        Refused(KmsError.StoreFailed, () => _keystore.Sign(key, "m"u8));
        Assert.Equal(1, _backend.Held);
        _keystore.Sign(another, "m"u8);
        _store.OnCommit = null;
        using Keystore reopened = Keystore.Open(new SpyStore(_shared), KeyEncryptionKey.FromBytes(_kek));
        reopened.Sign(key, "m"u8);
    }

    [Fact]
    public void Health_tells_of_failed_writes_and_not_of_other_failures()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _store.OnReadRecord = () => throw new KmsException(KmsError.StoreFailed, "It cannot be read, for the test.");
        Refused(KmsError.StoreFailed, () => _keystore.Sign(key, "m"u8));
        Assert.True(_keystore.CheckHealth().IsWritable);

        _store.OnCommit = _ => throw new KmsException(KmsError.PermissionsTooWide, "Open to others, for the test.");
        Refused(KmsError.PermissionsTooWide, () => _keystore.Disable(key));
        Assert.False(_keystore.CheckHealth().IsWritable);
    }

    [Theory]
    [InlineData("sign")]
    [InlineData("wrap")]
    [InlineData("mac")]
    [InlineData("encapsulate")]
    public void A_key_that_expires_while_guards_think_is_not_used(string call)
    {
        Action use = Prepare(call, new() { NotAfter = _time.GetUtcNow() + TimeSpan.FromMinutes(1) });
        _guard.OnBefore = _ => _time.Advance(TimeSpan.FromMinutes(2));

        Refused(KmsError.Expired, use);
    }

    [Theory]
    [InlineData("sign")]
    [InlineData("wrap")]
    [InlineData("unwrap")]
    [InlineData("mac")]
    [InlineData("verify mac")]
    [InlineData("encapsulate")]
    [InlineData("decapsulate")]
    [InlineData("hpke open")]
    public void A_key_whose_purge_time_comes_while_guards_think_is_not_used(string call)
    {
        Action use = Prepare(call, new() { PurgeAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1) });
        _guard.OnBefore = op =>
        {
            // The purge itself is denied.
            if (op.Kind == KmsOperationKind.Destroy) throw new KmsException(KmsError.Denied, "Denied for the test.");
            _time.Advance(TimeSpan.FromMinutes(2));
        };

        Refused(KmsError.KeyDestroyed, use);
        Assert.Equal(0, _backend.Held);
    }

    private static void Refused(KmsError error, Action call) => Assert.Equal(error, Assert.Throws<KmsException>(call).Error);

    private static void Apply(Keystore keystore, string change, KeyId key)
    {
        switch (change)
        {
            case "disable": keystore.Disable(key); break;
            case "destroy": keystore.Destroy(key); break;
            case "destroy all": keystore.DestroyAllVersions(key); break;
            case "rotate": keystore.Rotate(key); break;
            default: throw new ArgumentOutOfRangeException(nameof(change));
        }
    }

    private Action Prepare(string call, KeyCreationOptions options)
    {
        KeyId key = _keystore.Create("acme", "p", call switch
        {
            "sign" => KeyAlgorithm.Ed25519,
            "wrap" or "unwrap" => KeyAlgorithm.Aes256Gcm,
            "mac" or "verify mac" => KeyAlgorithm.HmacSha256,
            _ => KeyAlgorithm.X25519,
        }, options);
        switch (call)
        {
            case "sign": return () => _keystore.Sign(key, "m"u8);
            case "wrap": return () => _keystore.Wrap(key, "m"u8);
            case "unwrap":
                byte[] envelope = _keystore.Wrap(key, "m"u8);
                return () => _keystore.Unwrap(key, envelope);
            case "mac": return () => _keystore.ComputeMac(key, "m"u8, out _);
            case "verify mac":
                byte[] code = _keystore.ComputeMac(key, "m"u8, out _);
                return () => _keystore.VerifyMac(key, "m"u8, code);
            case "encapsulate": return () => _keystore.Encapsulate(key, out _);
            case "decapsulate":
                using (Encapsulation encapsulation = _keystore.Encapsulate(key, out _))
                {
                    byte[] ciphertext = encapsulation.Ciphertext.ToArray();
                    return () => _keystore.Decapsulate(key, ciphertext);
                }

            case "hpke open":
                byte[] sealedText = _keystore.GetPublicKey(key).HpkeSeal("m"u8);
                return () => _keystore.HpkeOpen(key, sealedText);

            default: throw new ArgumentOutOfRangeException(nameof(call));
        }
    }

    private KeyId Used()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Sign(key, "m"u8);
        return key;
    }
}
