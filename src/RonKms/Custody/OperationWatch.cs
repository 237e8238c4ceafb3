using Microsoft.Extensions.Logging;
using RonKms.Diagnostics;

namespace RonKms.Custody;

/// <summary>Who watches operations: the guards, the telemetry, the log.</summary>
internal sealed class OperationWatch
{
    internal OperationWatch(KmsTelemetry telemetry, ILogger logger, IOperationGuard[] guards)
    {
        Telemetry = telemetry;
        Logger = logger;
        Guards = guards;
    }

    internal KmsTelemetry Telemetry { get; }

    internal ILogger Logger { get; }

    internal IOperationGuard[] Guards { get; }
}
