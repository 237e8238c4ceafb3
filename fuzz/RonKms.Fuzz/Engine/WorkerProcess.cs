using System.Diagnostics;
using System.Globalization;

namespace RonKms.Fuzz.Engine;

/// <summary>Runs a <see cref="Worker"/> in a process of its own, and says what it was doing where it died or did not go on.</summary>
/// <param name="program">The instrumented copy.</param>
/// <param name="scratch">A directory for the shared state.</param>
internal sealed class WorkerProcess(string program, string scratch)
{
    /// <summary>The argument that makes this program a worker.</summary>
    internal const string Argument = "worker";

    // Enough for every target many times over.
    private const long MemoryLimit = 512L << 20;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    // Until the first input is begun.
    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(2);

    /// <summary>Fuzzes a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="time">How long.</param>
    /// <param name="corpus">The directory of the inputs to begin with.</param>
    /// <param name="found">The directory of inputs found before, to which new ones are added.</param>
    /// <param name="seed">What the changes follow from.</param>
    internal FuzzResult Run(FuzzTarget target, TimeSpan time, string corpus, string found, int seed)
    {
        string path = Path.Combine(scratch, target.Name + ".state");
        using SharedState state = new(path, target.MaxSize);
        string seconds = time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = new(Environment.ProcessPath!, [program, Argument, target.Name, seconds, $"{seed}", path, corpus, found])
        {
            RedirectStandardError = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = MemoryLimit.ToString("X", CultureInfo.InvariantCulture) },
        };
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? crash = Watch(process, target, state);
        crash ??= process.ExitCode == 0 ? null : $"the process ended with exit code {process.ExitCode}\n{errors.GetAwaiter().GetResult()}";
        return new FuzzResult(target, state.Executions, state.Edges, state.CorpusSize, watch.Elapsed)
        {
            Crash = crash,
            Input = crash is null ? [] : state.Input.ToArray(),
        };
    }

    /// <summary>Waits for the end, and makes one where an input takes too long. Counts looks and not the clock: so a stopped machine is no crash.</summary>
    private static string? Watch(Process process, FuzzTarget target, SharedState state)
    {
        long executions = 0;
        TimeSpan still = default;
        while (!process.WaitForExit(s_look))
        {
            still = state.Executions == executions ? still + s_look : default;
            executions = state.Executions;
            TimeSpan limit = executions == 0 ? s_start : target.TimeLimit;
            if (still >= limit)
            {
                process.Kill();
                process.WaitForExit();
                return $"one input took longer than {limit.TotalSeconds} s";
            }
        }

        return null;
    }
}
