// What the library measures. Any exporter that reads System.Diagnostics.Metrics sees the same.
using System.Diagnostics.Metrics;
using RonKms;

SortedDictionary<string, double> seen = new(StringComparer.Ordinal);
using MeterListener listener = new();
listener.InstrumentPublished = (instrument, me) =>
{
    if (instrument.Meter.Name == "RonKms")
    {
        me.EnableMeasurementEvents(instrument);
    }
};
listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
{
    string series = Series(instrument.Name, tags);
    seen[series] = instrument is ObservableGauge<long> ? value : seen.GetValueOrDefault(series) + value;
});
listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) =>
{
    // A histogram: how many were recorded. Their values differ from run to run.
    string series = Series(instrument.Name + "_count", tags);
    seen[series] = seen.GetValueOrDefault(series) + 1;
});
listener.Start();

using Keystore kms = Keystore.InMemory();
KeyId kid = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
byte[] signature = kms.Sign(kid, "hello-metrics"u8);
kms.Verify(kid, "hello-metrics"u8, signature);
KeyId next = kms.Rotate(kid);
kms.Attest(next);
try
{
    kms.Sign(kid, "hello-metrics"u8);
}
catch (KmsException e) when (e.Error == KmsError.NotLatestVersion)
{
    // Counted as a failure of its kind.
}

listener.RecordObservableInstruments();
foreach ((string series, double value) in seen)
{
    Console.WriteLine($"{series} {value}");
}

static string Series(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags)
{
    List<string> labels = [];
    foreach ((string label, object? value) in tags)
    {
        labels.Add($"{label}=\"{value}\"");
    }

    return $"{name}{{{string.Join(",", labels)}}}";
}
