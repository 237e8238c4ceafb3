using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using RonKms.Diagnostics;

namespace RonKms.Tests.Keystores;

/// <summary>Loggers, meter listeners and activity listeners that throw. Listeners hear the whole process, so these tests run alone.</summary>
[Collection(ProcessWide.Name)]
public sealed class ObserverTests : IDisposable
{
    private readonly RecordingGuard _guard = new();
    private readonly ThrowingLogger _logger = new();
    private readonly Keystore _keystore;
    private readonly UsedKeys _keys;
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private int _thrown;
    private bool _throwAtStart;

    public ObserverTests()
    {
        _keystore = Keystore.InMemory(new KeystoreOptions { LoggerFactory = _logger, Guards = { _guard } });
        _keys = new UsedKeys(_keystore);
        _guard.Forget();
        _logger.IsThrowing = true;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "RonKms")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        _meters.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RonKms",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _ =>
            {
                if (_throwAtStart)
                {
                    Throw();
                }
            },
            ActivityStopped = _ => Throw(),
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        _keystore.Dispose();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void What_observers_throw_changes_no_outcome(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);

        call.Run(_keystore, _keys);

        Assert.InRange(_thrown, 3, int.MaxValue);
        Assert.Equal(call.Kinds, _guard.Begun.Select(op => op.Kind));
        Assert.All(_guard.Ended, ended => Assert.Null(ended.Failure));
        Assert.Equal(call.Kinds.Length, _guard.Ended.Count());
    }

    [Fact]
    public void A_failure_stays_the_same_failure_and_guards_hear_of_it()
    {
        Assert.Equal(KmsError.DecryptionFailed, Assert.Throws<KmsException>(() => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, "other"u8)).Error);
        Assert.Equal(KmsError.NoSuchKey, Assert.Throws<KmsException>(() => _keystore.Sign(UnknownLike(_keys.Signing), "m"u8)).Error);

        Assert.Equal(2, _logger.Thrown);
        Assert.Equal([KmsError.DecryptionFailed], _guard.Ended.Select(ended => ended.Failure));
    }

    [Fact]
    public void A_guard_that_throws_is_still_the_failure()
    {
        _guard.OnAfter = (_, _) => throw new KmsException(KmsError.Frozen, "Frozen for the test.");

        Assert.Equal(KmsError.Frozen, Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Signing, "m"u8)).Error);
        Assert.Equal(KmsError.Frozen, Assert.Throws<KmsException>(() => _keystore.Unwrap(_keys.Wrapping, _keys.Envelope, "other"u8)).Error);
    }

    [Fact]
    public void A_logger_that_cannot_say_what_it_wants_is_told_nothing()
    {
        _logger.IsThrowingWhenAsked = true;

        KeyId made = _keystore.Create("acme", "unlogged", KeyAlgorithm.Ed25519);

        Assert.NotEqual(0, _logger.Asked);
        Assert.Equal(0, _logger.Thrown);
        Assert.Equal(KeyState.Enabled, _keystore.Get(made).State);
    }

    [Fact]
    public void No_scope_is_begun_in_the_host_s_logger() => Assert.Null(new IsolatedLogger(_logger).BeginScope("scope"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_caller_s_activity_is_current_again(bool throwAtStart)
    {
        _throwAtStart = throwAtStart;
        using Activity outer = new Activity("outer").Start();

        _keystore.Sign(_keys.Signing, "m"u8);
        Assert.Same(outer, Activity.Current);

        Assert.Throws<KmsException>(() => _keystore.Sign(UnknownLike(_keys.Signing), "m"u8));
        Assert.Same(outer, Activity.Current);
        Assert.InRange(_thrown, 6, int.MaxValue);
    }

    private static KeyId UnknownLike(KeyId key) => KeyId.Parse($"{key.Tenant}/{key.Purpose}/{key.Algorithm}/00000000-0000-4000-8000-000000000000#v1");

    private void Throw()
    {
        _thrown++;
        throw new InvalidOperationException("an observer's own failure");
    }

    private sealed class ThrowingLogger : ILoggerFactory, ILogger
    {
        public bool IsThrowing { get; set; }

        public bool IsThrowingWhenAsked { get; set; }

        public int Thrown { get; private set; }

        public int Asked { get; private set; }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel)
        {
            Asked++;
            return IsThrowingWhenAsked ? throw new InvalidOperationException("a logger that does not know") : true;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsThrowing)
            {
                Thrown++;
                throw new InvalidOperationException("a logger's own failure");
            }
        }
    }
}
