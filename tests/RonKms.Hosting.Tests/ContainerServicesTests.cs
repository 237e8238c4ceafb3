using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RonKms.Hosting.Tests;

public sealed class ContainerServicesTests
{
    [Fact]
    public void The_clock_comes_from_the_container()
    {
        FixedClock clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_000));
        using ServiceProvider services = HostedServices.WithKeystore(s => s.AddSingleton<TimeProvider>(clock));
        IKeystore kms = services.GetRequiredService<IKeystore>();

        Assert.Equal(clock.GetUtcNow(), kms.Get(kms.Create("auth", "signing", KeyAlgorithm.Ed25519)).CreatedAt);
    }

    [Fact]
    public void Guards_come_from_the_container()
    {
        using ServiceProvider services = HostedServices.WithKeystore(s => s.AddSingleton<IOperationGuard, RefuseRotation>());
        IKeystore kms = services.GetRequiredService<IKeystore>();
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => kms.Rotate(key)).Error);
    }

    [Fact]
    public void Metrics_go_to_the_containers_meter()
    {
        long signatures = 0;
        using ServiceProvider services = HostedServices.WithKeystore(s => s.AddMetrics());
        IMeterFactory meters = services.GetRequiredService<IMeterFactory>();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            // Of this container alone: other tests' keystores have meters of the same name.
            if (instrument.Meter.Scope == meters && instrument.Name == "kms_ops_total")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                signatures += tag is { Key: "op", Value: "sign" } ? count : 0;
            }
        });
        listener.Start();
        IKeystore kms = services.GetRequiredService<IKeystore>();
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);

        _ = kms.Sign(key, "message"u8);

        Assert.Equal(1, signatures);
    }

    [Fact]
    public void Logs_go_to_the_containers_loggers()
    {
        RecordingLoggers loggers = new();
        using ServiceProvider services = HostedServices.WithKeystore(s => s.AddSingleton<ILoggerFactory>(loggers));
        _ = services.GetRequiredService<IKeystore>();

        Assert.Contains(loggers.Messages, message => message.Contains("Opened the store at memory:", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_caller_configures_wins_over_the_container()
    {
        FixedClock ours = new(DateTimeOffset.FromUnixTimeMilliseconds(1_900_000_000_000));
        FixedClock theirs = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        using ServiceProvider services = HostedServices.WithKeystore(
            s => s.AddSingleton<TimeProvider>(theirs), options => options.TimeProvider = ours);
        IKeystore kms = services.GetRequiredService<IKeystore>();

        Assert.Equal(ours.GetUtcNow(), kms.Get(kms.Create("auth", "signing", KeyAlgorithm.Ed25519)).CreatedAt);
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private sealed class RefuseRotation : IOperationGuard
    {
        public void Before(in KmsOperation op)
        {
            if (op.Kind == KmsOperationKind.Rotate)
            {
                throw new KmsException(KmsError.Denied, "Not today.");
            }
        }

        public void After(in KmsOperation op, KmsError? failure)
        {
        }
    }

    private sealed class RecordingLoggers : ILoggerFactory, ILogger
    {
        internal List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
