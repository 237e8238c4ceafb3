using Microsoft.Extensions.Logging;
using RonKms.Diagnostics;

namespace RonKms.Custody;

/// <summary>Who watches operations: the guards, the telemetry, the log.</summary>
internal sealed class OperationWatch
{
    private volatile bool _writeFailed;

    internal OperationWatch(KmsTelemetry telemetry, ILogger logger, IOperationGuard[] guards)
    {
        Telemetry = telemetry;
        Logger = new IsolatedLogger(logger);
        Guards = guards;
    }

    internal KmsTelemetry Telemetry { get; }

    internal ILogger Logger { get; }

    internal IOperationGuard[] Guards { get; }

    /// <summary>Whether a write failed, after which the store writes no more.</summary>
    internal bool WriteFailed => _writeFailed;

    internal void NoteFailure(KmsError error)
    {
        if (error == KmsError.StoreFailed)
        {
            _writeFailed = true;
        }
    }
}
