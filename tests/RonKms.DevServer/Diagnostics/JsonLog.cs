using System.Buffers;
using System.Text.Json;

namespace RonKms.DevServer.Diagnostics;

/// <summary>One JSON object a line: when, how grave, which event, and of what was logged only the values that cannot tell a secret.</summary>
/// <remarks>No message and no exception's text is written: those of the web server repeat paths and values.</remarks>
internal sealed class JsonLog(TextWriter writer, TimeProvider time) : ILoggerProvider
{
    // The template's name of a value, and the member it becomes.
    private static readonly Dictionary<string, string> s_members = new()
    {
        ["CorrId"] = "corr_id",
        ["Op"] = "op",
        ["Kid"] = "kid",
        ["Alg"] = "alg",
        ["Result"] = "result",
        ["Fields"] = "fields",
    };

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(string category, LogLevel level, EventId id, IEnumerable<KeyValuePair<string, object?>> values, Exception? exception)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("level", level.ToString());
            json.WriteString("event", id.Name ?? category);
            foreach ((string name, object? value) in values)
            {
                if (value is not null && s_members.TryGetValue(name, out string? member))
                {
                    json.WriteString(member, value.ToString());
                }
            }

            if (exception is not null)
            {
                json.WriteString("result", exception.GetType().Name);
            }

            json.WriteEndObject();
        }

        string line = System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
        lock (writer)
        {
            writer.WriteLine(line);
        }
    }

    private sealed class Logger(JsonLog log, string category) : ILogger
    {
        // Others' names may hold anything; of theirs only that something is wrong is told.
        private readonly bool _isOurs = category.StartsWith("RonKms", StringComparison.Ordinal);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (_isOurs ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(category, logLevel, eventId, _isOurs && state is IEnumerable<KeyValuePair<string, object?>> values ? values : [], exception);
            }
        }
    }
}
