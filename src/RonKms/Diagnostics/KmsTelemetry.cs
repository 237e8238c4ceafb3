using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RonKms.Diagnostics;

/// <summary>The one meter and activity source. Free when nobody listens. Never a key's name or a tenant as a metric's label.</summary>
/// <remarks>Listeners run on the caller's thread, in the midst of an operation. What they throw is theirs and ends here: a key that was made, or a
/// record that was written, is not undone by a listener that failed to count it.</remarks>
#pragma warning disable CA1031 // See the remarks.
internal sealed class KmsTelemetry : IDisposable
{
    internal const string Name = "RonKms";

    private static readonly ActivitySource s_activities = new(Name);

    // A keystore without metrics has a meter all the same, which nobody can listen to.
    private readonly Meter _meter;
    private readonly Counter<long> _operations;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _latency;

    internal KmsTelemetry(IMeterFactory? factory, bool enabled, Func<IEnumerable<Measurement<long>>> keys)
    {
        _meter = factory is not null && enabled ? factory.Create(Name) : new Meter(enabled ? Name : string.Empty);
        _operations = _meter.CreateCounter<long>("kms_ops_total", description: "Operations that succeeded.");
        _failures = _meter.CreateCounter<long>("kms_failures_total", description: "Operations that failed.");
        _latency = _meter.CreateHistogram<double>("kms_op_latency_seconds", "s", "How long operations took.");
        _meter.CreateObservableGauge("kms_keys_total", keys, description: "Keys that are held, by algorithm.");
        if (!enabled)
        {
            _meter.Dispose();
        }
    }

    internal static string NameOf(KmsOperationKind op) => op switch
    {
        KmsOperationKind.Create => "create",
        KmsOperationKind.Import => "import",
        KmsOperationKind.Sign => "sign",
        KmsOperationKind.Verify => "verify",
        KmsOperationKind.Mac => "mac",
        KmsOperationKind.Encap => "encap",
        KmsOperationKind.Decap => "decap",
        KmsOperationKind.Rotate => "rotate",
        KmsOperationKind.Seal => "seal",
        KmsOperationKind.Unseal => "unseal",
        KmsOperationKind.Wrap => "wrap",
        KmsOperationKind.Unwrap => "unwrap",
        KmsOperationKind.Attest => "attest",
        KmsOperationKind.Disable => "disable",
        KmsOperationKind.Enable => "enable",
        KmsOperationKind.Destroy => "destroy",
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    /// <summary>The name of an error; a guard or a backend may throw numbers that have none.</summary>
    internal static string NameOf(KmsError error) => Enum.GetName(error) ?? nameof(KmsError.Internal);

    /// <summary>A timestamp for <see cref="Succeeded"/>, or 0 where nobody asks for latencies.</summary>
    internal long Start() => _latency.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal static Activity? StartActivity(KmsOperationKind op) => s_activities.HasListeners() ? StartHeard(op) : null;

    internal static void StopActivity(Activity activity)
    {
        try
        {
            activity.Dispose();
        }
        catch (Exception)
        {
            // It stopped all the same, but the caller's own activity was not put back.
            Activity.Current = activity.Parent;
        }
    }

    internal void Count(KmsOperationKind op, KeyAlgorithm algorithm)
    {
        if (_operations.Enabled)
        {
            Add(_operations, new("op", NameOf(op)), new("alg", algorithm.Name));
        }
    }

    internal void Succeeded(KmsOperationKind op, KeyAlgorithm algorithm, long started)
    {
        Count(op, algorithm);
        Took(op, started);
    }

    internal void Failed(KmsOperationKind op, KmsError error, long started)
    {
        if (_failures.Enabled)
        {
            Add(_failures, new("op", NameOf(op)), new("kind", NameOf(error)));
        }

        Took(op, started);
    }

    public void Dispose() => _meter.Dispose();

    private void Took(KmsOperationKind op, long started)
    {
        if (started == 0)
        {
            return;
        }

        try
        {
            _latency.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("op", NameOf(op)));
        }
        catch (Exception)
        {
        }
    }

    private static void Add(Counter<long> counter, KeyValuePair<string, object?> op, KeyValuePair<string, object?> detail)
    {
        try
        {
            counter.Add(1, op, detail);
        }
        catch (Exception)
        {
        }
    }

    private static Activity? StartHeard(KmsOperationKind op)
    {
        Activity? before = Activity.Current;
        try
        {
            return s_activities.StartActivity("kms." + NameOf(op));
        }
        catch (Exception)
        {
            // It may have begun, and nobody will end it.
            Activity.Current = before;
            return null;
        }
    }
}
