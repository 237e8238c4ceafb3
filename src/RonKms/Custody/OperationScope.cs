using System.Diagnostics;
using RonKms.Diagnostics;

namespace RonKms.Custody;

/// <summary>One operation from its beginning to its end: guards, metrics, span and log. Lives on the stack of the call.</summary>
internal struct OperationScope
{
    private readonly OperationWatch _watch;
    private readonly KmsOperationKind _kind;
    private readonly string? _caller;
    private readonly string? _correlationId;
    private readonly long _started;
    private readonly Activity? _activity;
    private KeyId? _key;
    private int _guardsEntered;

    internal OperationScope(OperationWatch watch, KmsOperationKind kind, string? caller, string? correlationId)
    {
        _watch = watch;
        _kind = kind;
        _caller = caller;
        _correlationId = correlationId;
        _started = watch.Telemetry.Start();
        _activity = KmsTelemetry.StartActivity(kind);
    }

    private readonly KmsOperation Operation => new(_kind, _key!, _caller, _correlationId);

    /// <summary>Asks the guards. From here on, and not before, a secret may be touched.</summary>
    internal void Enter(KeyId key)
    {
        _key = key;
        foreach (IOperationGuard guard in _watch.Guards)
        {
            guard.Before(Operation);
            _guardsEntered++;
        }
    }

    /// <summary>Corrects which version is made, where another writer was first and its number is taken.</summary>
    internal void Became(KeyId key) => _key = key;

    /// <summary>Tells the guards that the operation went well. A guard may still fail it: until this returns, nothing is the caller's.</summary>
    internal void Leave() => LeaveGuards(null);

    /// <summary>Counts and tells of an operation that <see cref="Leave"/> let go.</summary>
    internal readonly void Succeeded()
    {
        _watch.Telemetry.Succeeded(_kind, _key!.Algorithm, _started);
        if (_activity is not null)
        {
            EndActivity("ok");
        }

        if (IsLifeCycle)
        {
            KmsLog.LifeCycle(_watch.Logger, KmsTelemetry.NameOf(_kind), _key, _key.Algorithm.Name, "ok", _correlationId);
        }
    }

    /// <summary>Ends the operation as failed; the caller lets the exception go on.</summary>
    internal void Failed(Exception exception)
    {
        KmsError error = ErrorOf(exception);
        string result = KmsTelemetry.NameOf(error);
        _watch.Telemetry.Failed(_kind, error, _started);
        if (_activity is not null)
        {
            _activity.SetStatus(ActivityStatusCode.Error, result);
            EndActivity(result);
        }

        KmsLog.Failure(_watch.Logger, KmsTelemetry.NameOf(_kind), _key, _key?.Algorithm.Name, result, _correlationId);
        LeaveGuards(error);
    }

    private readonly bool IsLifeCycle => _kind
        is KmsOperationKind.Create or KmsOperationKind.Import or KmsOperationKind.Rotate
        or KmsOperationKind.Disable or KmsOperationKind.Enable or KmsOperationKind.Destroy or KmsOperationKind.Attest;

    private static KmsError ErrorOf(Exception exception) => exception is KmsException known ? known.Error : KmsError.Internal;

    private void LeaveGuards(KmsError? failure)
    {
        while (_guardsEntered > 0)
        {
            // Counted down first, so that a guard which throws is not called again.
            _guardsEntered--;
            try
            {
                _watch.Guards[_guardsEntered].After(Operation, failure);
            }
            catch (Exception e)
            {
                // For the guards around it the operation failed with this one.
                LeaveGuards(ErrorOf(e));
                throw;
            }
        }
    }

    private readonly void EndActivity(string result)
    {
        _activity!.SetTag("op", KmsTelemetry.NameOf(_kind));
        _activity.SetTag("kid", _key?.ToString());
        _activity.SetTag("alg", _key?.Algorithm.Name);
        _activity.SetTag("hybrid", _key?.Algorithm.IsHybrid);
        _activity.SetTag("result", result);
        _activity.SetTag("corr_id", _correlationId);
        _activity.Dispose();
    }
}
