using System.Diagnostics.Metrics;

namespace RonKms.Benchmarks;

/// <summary>Listens to everything that the meter RonKms tells, and only adds it up, as long as it is not disposed.</summary>
internal sealed class EveryMeasurement : IDisposable
{
    private readonly MeterListener _listener = new();
    private double _sum;

    internal EveryMeasurement()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "RonKms")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _sum += value);
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _sum += value);
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        if (_sum == 0)
        {
            throw new InvalidOperationException("The listener heard nothing.");
        }
    }
}
