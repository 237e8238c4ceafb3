using Microsoft.Extensions.Logging;

namespace RonKms.HeapProbe;

/// <summary>Counts the warnings that memory is not locked.</summary>
internal sealed class WarningCount : ILoggerFactory, ILogger
{
    internal int MemoryNotLocked { get; private set; }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        MemoryNotLocked += eventId.Name == nameof(MemoryNotLocked) && logLevel == LogLevel.Warning ? 1 : 0;
}
