using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RonKms.Tests.Keystores;

/// <summary>A meter factory with a listener to its meters alone.</summary>
internal sealed class MeasuredKeystore : IMeterFactory
{
    private readonly ConcurrentQueue<Measured> _measurements = new();
    private readonly ConcurrentQueue<Instrument> _instruments = new();
    private readonly MeterListener _listener = new();

    public MeasuredKeystore()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                _instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyCollection<Instrument> Instruments => _instruments;

    public Meter Create(MeterOptions options)
    {
        Assert.Equal("RonKms", options.Name);
        return new UndisposableMeter(this);
    }

    /// <summary>What was measured since the last call, observed now where it is only observed.</summary>
    public IReadOnlyList<Measured> Take(string? instrument = null)
    {
        _listener.RecordObservableInstruments();
        List<Measured> taken = [];
        while (_measurements.TryDequeue(out Measured? measured))
        {
            taken.Add(measured);
        }

        return [.. taken.Where(measured => instrument is null || measured.Instrument == instrument)];
    }

    public void Dispose()
    {
        _listener.Dispose();
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measurements.Enqueue(new Measured(instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));

    /// <param name="Instrument">The instrument.</param>
    /// <param name="Value">The value.</param>
    /// <param name="Labels">The labels in their order.</param>
    internal sealed record Measured(string Instrument, double Value, string Labels);

    // As those of Microsoft.Extensions' factory, which outlive who asked for them.
#pragma warning disable CA2215
    private sealed class UndisposableMeter(MeasuredKeystore owner) : Meter(new MeterOptions("RonKms") { Scope = owner })
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
#pragma warning restore CA2215
}
