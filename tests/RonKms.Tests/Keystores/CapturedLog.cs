using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RonKms.Tests.Keystores;

/// <summary>Keeps what is logged.</summary>
internal sealed class CapturedLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Name, string Text)> _entries = new();

    public IReadOnlyCollection<(LogLevel Level, string Name, string Text)> Entries => _entries;

    /// <summary>Done at each entry.</summary>
    public Action? OnLog { get; set; }

    public IEnumerable<string> Names => _entries.Select(entry => entry.Name);

    /// <summary>Everything in one text, members and exceptions too.</summary>
    public string Text => string.Join('\n', _entries.Select(entry => entry.Text));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName)
    {
        Assert.Equal("RonKms", categoryName);
        return this;
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        OnLog?.Invoke();
        string members = state is IReadOnlyList<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : "";
        _entries.Enqueue((logLevel, eventId.Name ?? "", $"{formatter(state, exception)} {members} {exception}"));
    }
}
