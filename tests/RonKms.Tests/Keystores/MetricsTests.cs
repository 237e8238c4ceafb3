using System.Diagnostics.Metrics;
using RonKms.Sealing;

namespace RonKms.Tests.Keystores;

public sealed class MetricsTests : IDisposable
{
    private readonly MeasuredKeystore _measured = new();
    private readonly Keystore _keystore;
    private readonly UsedKeys _keys;

    public MetricsTests()
    {
        _keystore = Keystore.InMemory(new KeystoreOptions { MeterFactory = _measured });
        _keys = new UsedKeys(_keystore);
        _measured.Take();
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose()
    {
        _keystore.Dispose();
        _measured.Dispose();
    }

    [Fact]
    public void There_are_exactly_these_instruments() => Assert.Equal(
        [
            "kms_failures_total Counter`1 Int64 ",
            "kms_keys_total ObservableGauge`1 Int64 ",
            "kms_op_latency_seconds Histogram`1 Double s",
            "kms_ops_total Counter`1 Int64 ",
        ],
        _measured.Instruments.Select(instrument =>
            $"{instrument.Name} {instrument.GetType().Name} {instrument.GetType().GetGenericArguments()[0].Name} {instrument.Unit}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Calls))]
    public void Each_operation_is_counted_and_timed_once_by_operation_and_algorithm(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);

        call.Run(_keystore.ForCaller("bob", "request 7"), _keys);

        IReadOnlyList<MeasuredKeystore.Measured> all = _measured.Take();
        string[] ops = [.. call.Kinds.Select(kind => kind.ToString().ToLowerInvariant())];
        Assert.Equal(ops, Ops(all, "kms_ops_total").Where(op => op is not ("seal" or "unseal")));
        Assert.Equal(ops, Ops(all, "kms_op_latency_seconds"));
        Assert.All(all.Where(m => m.Instrument == "kms_ops_total"), m => Assert.Matches("^op=[a-z]+ alg=[a-z0-9]+$", m.Labels));
        Assert.All(all.Where(m => m.Instrument == "kms_op_latency_seconds"), m => Assert.Matches("^op=[a-z]+$", m.Labels));
        Assert.All(all.Where(m => m.Instrument == "kms_op_latency_seconds"), m => Assert.InRange(m.Value, 0, 600));
        Assert.DoesNotContain(all, m => m.Instrument == "kms_failures_total");
        Assert.DoesNotContain(all, m => m.Labels.Contains("acme", StringComparison.Ordinal) || m.Labels.Contains("bob", StringComparison.Ordinal));
    }

    [Fact]
    public void Sealing_and_unsealing_are_counted_where_they_happen()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.P256);
        Assert.Equal(["op=seal alg=p256", "op=create alg=p256"], Labels("kms_ops_total"));

        _keystore.Sign(key, "m"u8);
        Assert.Equal(["op=unseal alg=p256", "op=sign alg=p256"], Labels("kms_ops_total"));

        _keystore.Sign(key, "m"u8);
        Assert.Equal(["op=sign alg=p256"], Labels("kms_ops_total"));
    }

    [Fact]
    public void Failures_are_counted_by_operation_and_kind_and_timed()
    {
        KeyId unknown = KeyId.Parse("acme/p/ed25519/00000000-0000-4000-8000-000000000000#v1");
        _keystore.Disable(_keys.Spare);
        _measured.Take();

        Assert.Throws<KmsException>(() => _keystore.Sign(unknown, "m"u8));
        Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Spare, "m"u8));
        Assert.Throws<KmsException>(() => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, "other"u8));
        Assert.Throws<KmsException>(() => _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[1]));
        Assert.Throws<KmsException>(() => _keystore.Rotate(unknown));

        IReadOnlyList<MeasuredKeystore.Measured> all = _measured.Take();
        Assert.Equal(
            ["op=sign kind=NoSuchKey", "op=sign kind=KeyDisabled", "op=unwrap kind=DecryptionFailed", "op=import kind=ImportRefused", "op=rotate kind=NoSuchKey"],
            all.Where(m => m.Instrument == "kms_failures_total").Select(m => m.Labels));
        Assert.Equal(["sign", "sign", "unwrap", "import", "rotate"], Ops(all, "kms_op_latency_seconds"));
        Assert.Empty(Ops(all, "kms_ops_total"));
    }

    [Fact]
    public void A_mistake_of_the_caller_is_no_failure()
    {
        DateTimeOffset past = DateTimeOffset.UnixEpoch.AddDays(1);
        byte[] both = new byte[100];

        Assert.Throws<ArgumentException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = past }));
        Assert.Throws<ArgumentException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { PurgeAt = past }));
        Assert.Throws<ArgumentException>(() => _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, UsedKeys.Secret, new() { NotAfter = past }));
        Assert.Throws<ArgumentException>(() => _keystore.Sign(_keys.Signing, both, both, out _));
        Assert.Throws<ArgumentException>(() => _keystore.Sign(_keys.Signing, "m"u8, new byte[63], out _));
        Assert.Throws<ArgumentException>(() => _keystore.Sign(_keys.Signing, "m"u8, new SignOptions { Context = both }));
        Assert.Throws<ArgumentException>(() => _keystore.Verify(_keys.Signing, "m"u8, _keys.Signature, new SignOptions { Context = both }));
        Assert.Throws<ArgumentException>(() => _keystore.Encapsulate(_keys.Kem, both.AsSpan(0, 32), both.AsSpan(0, 32), out _));
        Assert.Throws<ArgumentException>(() => _keystore.Decapsulate(_keys.Kem, _keys.Ciphertext, new byte[31]));
        Assert.Throws<ArgumentException>(() => _keystore.Wrap(_keys.Wrapping, both, default, both));
        Assert.Throws<ArgumentException>(() => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, default, []));
        Assert.Throws<ArgumentException>(() => _keystore.Unwrap(_keys.Mac, _keys.Envelope));
        Assert.Throws<ArgumentException>(() => _keystore.Disable(_keys.Spare.Latest));

        Assert.Empty(_measured.Take("kms_failures_total"));
    }

    [Fact]
    public void What_a_guard_throws_is_counted_as_its_kind_and_otherwise_as_Denied()
    {
        RecordingGuard guard = new();
        using MeasuredKeystore measured = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { MeterFactory = measured, Guards = { guard } });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        guard.OnBefore = _ => throw new KmsException(KmsError.Frozen, "Frozen for the test.");
        Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
        guard.OnBefore = _ => throw new TimeoutException();
        Assert.Throws<TimeoutException>(() => keystore.Sign(key, "m"u8));
        guard.OnBefore = null;
        guard.OnAfter = (_, _) => throw new ArgumentException("a guard's own");
        Assert.Throws<ArgumentException>(() => keystore.Sign(key, "m"u8));
        Assert.Throws<ArgumentException>(() => keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[1]));

        Assert.Equal(
            ["op=sign kind=Frozen", "op=sign kind=Denied", "op=sign kind=Denied", "op=import kind=Denied"],
            measured.Take("kms_failures_total").Select(m => m.Labels));
    }

    [Fact]
    public void A_wrong_signature_is_a_verdict_and_no_failure()
    {
        _keystore.Verify(_keys.Signing, "n"u8, _keys.Signature);

        Assert.Empty(_measured.Take("kms_failures_total"));
    }

    [Fact]
    public void The_gauge_tells_how_many_keys_are_held_by_algorithm()
    {
        Assert.Equal(["alg=aes256gcm hybrid=0 1", "alg=ed25519 hybrid=0 2", "alg=hmacsha256 hybrid=0 1", "alg=x25519 hybrid=0 1"], Gauge());

        _keystore.Rotate(_keys.Wrapping);
        _keystore.Disable(_keys.Mac);
        _keystore.DestroyAllVersions(_keys.Spare);
        _keystore.Create("acme", "p", KeyAlgorithm.X25519);

        Assert.Equal(["alg=aes256gcm hybrid=0 1", "alg=ed25519 hybrid=0 1", "alg=hmacsha256 hybrid=0 1", "alg=x25519 hybrid=0 2"], Gauge());
    }

    [Fact]
    public void A_meter_that_outlives_the_keystore_tells_nothing_more_of_it()
    {
        _keystore.Dispose();

        Assert.Empty(_measured.Take());
    }

    [Fact]
    public void A_keystore_that_did_not_open_leaves_nothing_that_fails_when_it_is_observed()
    {
        Assert.Throws<KmsException>(() => Keystore.Open(new SpyStore(), KeyEncryptionKey.Ephemeral(), new KeystoreOptions { MeterFactory = _measured }));

        Assert.Equal(4, _measured.Take("kms_keys_total").Count);
    }

    [Fact]
    public void A_keystore_can_be_observed_while_it_opens()
    {
        int observed = 0;
        SpyBackend backend = new();
        SpyStore store = new() { OnSettle = () => observed += _measured.Take("kms_keys_total").Count };

        using Keystore keystore = Keystore.OpenOrCreate(
            store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { MeterFactory = _measured, Backend = backend });

        Assert.Equal(4, observed);
    }

    [Fact]
    public void Without_metrics_there_is_no_instrument_of_the_name()
    {
        using MeasuredKeystore measured = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { MeterFactory = measured, Metrics = false });

        keystore.Sign(keystore.Create("acme", "p", KeyAlgorithm.Ed25519), "m"u8);

        Assert.Empty(measured.Instruments);
        Assert.Empty(measured.Take());
    }

    [Fact]
    public void Without_a_factory_the_meter_is_RonKms()
    {
        List<string> published = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter is { Name: "RonKms", Scope: null })
            {
                lock (published)
                {
                    published.Add(instrument.Name);
                }
            }
        };
        listener.Start();

        using Keystore keystore = Keystore.InMemory();

        lock (published)
        {
            Assert.Superset(new HashSet<string> { "kms_ops_total", "kms_failures_total", "kms_keys_total", "kms_op_latency_seconds" }, published.ToHashSet());
        }
    }

    private static IEnumerable<string> Ops(IEnumerable<MeasuredKeystore.Measured> all, string instrument) =>
        all.Where(m => m.Instrument == instrument).Select(m => m.Labels.Split(' ')[0]["op=".Length..]);

    private IEnumerable<string> Labels(string instrument) => _measured.Take(instrument).Select(m => m.Labels);

    private string[] Gauge() => [.. _measured.Take("kms_keys_total").Select(m => $"{m.Labels} {m.Value}").Order(StringComparer.Ordinal)];
}
