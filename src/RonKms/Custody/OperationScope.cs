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
    private KeyId _key;
    private int _guardsEntered;
    private Exception? _thrownByGuard;

    /// <summary>Begins an operation.</summary>
    /// <param name="watch">Who watches it.</param>
    /// <param name="kind">What is being done.</param>
    /// <param name="key">The key as it was asked for; <see cref="Enter"/> says which version that is.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="correlationId">What ties it to a request.</param>
    internal OperationScope(OperationWatch watch, KmsOperationKind kind, KeyId key, string? caller, string? correlationId)
    {
        _watch = watch;
        _kind = kind;
        _key = key;
        _caller = caller;
        _correlationId = correlationId;
        _started = watch.Telemetry.Start();
        _activity = KmsTelemetry.StartActivity(kind);
    }

    private readonly KmsOperation Operation => new(_kind, _key, _caller, _correlationId);

    /// <summary>Asks the guards. From here on, and not before, a secret may be touched.</summary>
    internal void Enter(KeyId key)
    {
        _key = key;
        foreach (IOperationGuard guard in _watch.Guards)
        {
            try
            {
                guard.Before(Operation);
            }
            catch (Exception e)
            {
                _thrownByGuard = e;
                throw;
            }

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
        _watch.Telemetry.Succeeded(_kind, _key.Algorithm, _started);
        if (_activity is not null)
        {
            EndActivity("ok");
        }

        if (IsLifeCycle)
        {
            KmsLog.LifeCycle(_watch.Logger, KmsTelemetry.NameOf(_kind), _key, _key.Algorithm.Name, "ok", CorrelationForLog);
        }
    }

    /// <summary>Ends the operation as failed; the caller lets the exception go on. A guard that throws now gives the caller another one.</summary>
    internal void Failed(Exception exception)
    {
        KmsError error = ErrorOf(exception);
        try
        {
            LeaveGuards(error);
        }
        catch (Exception e)
        {
            error = ErrorOf(e);
            throw;
        }
        finally
        {
            TellOfFailure(error);
        }
    }

    private readonly bool IsLifeCycle => _kind
        is KmsOperationKind.Create or KmsOperationKind.Import or KmsOperationKind.Rotate
        or KmsOperationKind.Disable or KmsOperationKind.Enable or KmsOperationKind.Destroy or KmsOperationKind.Attest;

    private readonly string CorrelationForLog => _correlationId ?? "-";

    private readonly KmsError ErrorOf(Exception exception) =>
        exception is KmsException known ? known.Error
        : ReferenceEquals(exception, _thrownByGuard) ? KmsError.Denied
        : KmsError.Internal;

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
                _thrownByGuard = e;
                LeaveGuards(ErrorOf(e));
                throw;
            }
        }
    }

    private readonly void TellOfFailure(KmsError error)
    {
        string result = KmsTelemetry.NameOf(error);
        _watch.Telemetry.Failed(_kind, error, _started);
        if (_activity is not null)
        {
            _activity.SetStatus(ActivityStatusCode.Error, result);
            EndActivity(result);
        }

        KmsLog.Failure(_watch.Logger, KmsTelemetry.NameOf(_kind), _key, _key.Algorithm.Name, result, CorrelationForLog);
    }

    private readonly void EndActivity(string result)
    {
        _activity!.SetTag("op", KmsTelemetry.NameOf(_kind));
        _activity.SetTag("kid", _key.ToString());
        _activity.SetTag("alg", _key.Algorithm.Name);
        _activity.SetTag("hybrid", _key.Algorithm.IsHybrid);
        _activity.SetTag("result", result);
        _activity.SetTag("corr_id", _correlationId);
        KmsTelemetry.StopActivity(_activity);
    }
}
