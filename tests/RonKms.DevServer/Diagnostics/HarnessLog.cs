namespace RonKms.DevServer.Diagnostics;

/// <summary>What the harness logs besides the library.</summary>
internal static partial class HarnessLog
{
    [LoggerMessage(101, LogLevel.Information, "{Op} {Kid} {Result} {Fields} {CorrId}")]
    internal static partial void Refused(ILogger logger, string? op, string? kid, string result, string? fields, string corrId);

    [LoggerMessage(102, LogLevel.Information, "{Op} {Kid} {Result} {CorrId}")]
    internal static partial void NotPermitted(ILogger logger, string? op, string? kid, string result, string corrId);

    [LoggerMessage(103, LogLevel.Error, "{Result} {CorrId}")]
    internal static partial void Faulted(ILogger logger, string result, string corrId);
}
