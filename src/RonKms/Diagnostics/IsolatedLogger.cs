using Microsoft.Extensions.Logging;

namespace RonKms.Diagnostics;

/// <summary>The host's logger, whose failures stay its own: what was done is done, whether it could be logged or not.</summary>
#pragma warning disable CA1031 // See the summary.
internal sealed class IsolatedLogger : ILogger
{
    private readonly ILogger _inner;

    internal IsolatedLogger(ILogger inner)
    {
        _inner = inner;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
        }
    }
}
