using System.Diagnostics;

namespace RonKms.CrashProbe;

/// <summary>A writer's life, from its start to its end by SIGKILL at a moment of chance, and what it said.</summary>
internal sealed class CrashedWriter
{
    private const int MostAnswers = 40;
    private const double WhileOpening = 0.15;

    private readonly Dictionary<int, Intent> _unanswered = [];

    /// <summary>Whether the store was open before the end.</summary>
    internal bool WasOpen { get; private set; }

    /// <summary>What was answered, in order: the intent, and the key version that the call gave.</summary>
    internal List<(Intent Intent, KeyId Result)> Acknowledged { get; } = [];

    /// <summary>What was begun, and not answered.</summary>
    internal IReadOnlyCollection<Intent> Unanswered => _unanswered.Values;

    internal static CrashedWriter Run(string directory, Random random)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, [typeof(CrashedWriter).Assembly.Location, "write", directory, random.Next(int.MaxValue).ToString("D")])
        {
            RedirectStandardOutput = true,
        };
        var writer = new CrashedWriter();
        using Process process = Process.Start(start)!;
        bool whileOpening = random.NextDouble() < WhileOpening;
        int answers = random.Next(1, MostAnswers);
        TimeSpan delay = whileOpening ? TimeSpan.FromMilliseconds(random.NextDouble() * 40) : TimeSpan.FromMicroseconds(random.Next(2000));
        while (!(whileOpening || writer.Acknowledged.Count == answers))
        {
            writer.Hear(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The writer ended by itself."));
        }

        if (whileOpening) writer.Hear(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The writer did not start."));
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < delay;) Thread.SpinWait(20);
        process.Kill();
        while (process.StandardOutput.ReadLine() is { } line) writer.Hear(line);
        process.WaitForExit();
        return writer;
    }

    private void Hear(string line)
    {
        switch (line.Split(' '))
        {
            case ["opening"]:
                break;
            case ["open"]:
                WasOpen = true;
                break;
            case ["intent", var thread, var op, var subject]:
                _unanswered.Add(int.Parse(thread), new Intent(op, subject));
                break;
            case ["done", var thread, var result]:
                _unanswered.Remove(int.Parse(thread), out Intent? intent);
                Acknowledged.Add((intent!, KeyId.Parse(result)));
                break;
            default:
                throw new InvalidOperationException("The writer said: " + line);
        }
    }
}
