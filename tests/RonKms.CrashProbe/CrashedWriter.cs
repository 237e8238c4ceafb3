using System.Diagnostics;

namespace RonKms.CrashProbe;

/// <summary>A writer's life, from its start to its end by SIGKILL at a moment of chance, and what it said.</summary>
internal sealed class CrashedWriter
{
    private const int MostAnswers = 40;
    private const int MostMaintenance = 5;
    private const double WhileOpening = 0.15;
    private const double InMaintenance = 0.5;

    private static readonly string[] s_maintenance = ["reseal", "reseal", "reseal", "compact", "kek", "backup"];

    // How long each kind of maintenance took last, so that the next kill falls anywhere within.
    private static readonly Dictionary<string, TimeSpan> s_durations = [];

    private readonly Dictionary<int, (Intent Intent, long Begun)> _unanswered = [];

    /// <summary>Whether the store was open before the end.</summary>
    internal bool WasOpen { get; private set; }

    /// <summary>What was begun and answered, in order: an intent without a result as it began, with what the call gave as it was answered.</summary>
    internal List<(Intent Intent, string? Result)> History { get; } = [];

    /// <summary>How many calls were answered.</summary>
    internal int Answers { get; private set; }

    /// <summary>What was begun, and not answered.</summary>
    internal IReadOnlyCollection<Intent> Unanswered => [.. _unanswered.Values.Select(begun => begun.Intent)];

    /// <summary>Lets a writer change a store, and kills it: while it opens the store, after some answers, or in the middle of maintenance.</summary>
    internal static CrashedWriter Run(TestStore store, string kek, Random random)
    {
        var writer = new CrashedWriter();
        using Process process = Start("write", store.Name, kek, random.Next(int.MaxValue).ToString("D"));
        switch (random.NextDouble())
        {
            case < WhileOpening:
                writer.Hear(process);
                Wait(TimeSpan.FromMilliseconds(random.NextDouble() * 40));
                break;
            case < WhileOpening + InMaintenance:
                string op = s_maintenance[random.Next(s_maintenance.Length)];
                for (int left = MostMaintenance; left > 0;)
                {
                    if (writer.Hear(process) is { Intent.IsMaintenance: true, Result: null } said && (said.Intent.Op == op || --left == 0)) break;
                }

                WaitWithin(writer.History[^1].Intent, store, random);
                break;
            default:
                for (int answers = random.Next(1, MostAnswers); writer.Answers < answers;) writer.Hear(process);
                Wait(TimeSpan.FromMicroseconds(random.Next(2000)));
                break;
        }

        process.Kill();
        while (process.StandardOutput.ReadLine() is { } line) writer.Hear(line);
        process.WaitForExit();
        return writer;
    }

    /// <summary>Kills a process that only opens the store: in the middle of putting in order what an earlier kill left.</summary>
    internal static void Open(TestStore store, string kek, Random random)
    {
        using Process process = Start("open", store.Name, kek);
        new CrashedWriter().Hear(process);
        Wait(TimeSpan.FromMilliseconds(random.NextDouble() * 60));
        process.Kill();
        process.WaitForExit();
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(CrashedWriter).Assembly.Location, .. arguments]) { RedirectStandardOutput = true })!;

    /// <summary>Waits for any moment of a piece of maintenance, or for one at which a file appears that it makes: its commit is short.</summary>
    private static void WaitWithin(Intent intent, TestStore store, Random random)
    {
        TimeSpan duration = s_durations.GetValueOrDefault(intent.Op, TimeSpan.FromMilliseconds(20));
        if (random.Next(3) == 0)
        {
            Wait(random.NextDouble() * 1.2 * duration);
            return;
        }

        long live = StoreFiles.LiveGeneration(store.Directory);
        string[] made = intent.Op switch
        {
            "kek" => [StoreFiles.NextDescription(store.Directory)],
            "backup" => [store.BackupOf(intent.Subject) + ".tmp"],
            _ => [StoreFiles.Journal(store.Directory, live + 1), StoreFiles.ArchivedJournal(store.Directory, live), StoreFiles.Description(store.Directory) + ".tmp"],
        };

        // The last one twice as often: a generation's commit.
        string awaited = made[Math.Min(random.Next(made.Length + 1), made.Length - 1)];
        for (long begun = Stopwatch.GetTimestamp(); !File.Exists(awaited) && Stopwatch.GetElapsedTime(begun) < 2 * duration;) Thread.SpinWait(5);

        // From 10 µs to 20 ms: what follows takes next to no time in memory, and several flushes on a disk.
        Wait(TimeSpan.FromMilliseconds(0.01 * Math.Pow(2000, random.NextDouble())));
    }

    private static void Wait(TimeSpan delay)
    {
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < delay;) Thread.SpinWait(20);
    }

    private (Intent Intent, string? Result)? Hear(Process process) =>
        Hear(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The writer ended by itself."));

    private (Intent Intent, string? Result)? Hear(string line)
    {
        switch (line.Split(' '))
        {
            case ["opening"]:
                return null;
            case ["open"]:
                WasOpen = true;
                return null;
            case ["intent", var thread, var op, var subject]:
                Intent begun = new(op, subject);
                _unanswered.Add(int.Parse(thread), (begun, Stopwatch.GetTimestamp()));
                History.Add((begun, null));
                break;
            case ["done", var thread, var result]:
                _unanswered.Remove(int.Parse(thread), out (Intent Intent, long Begun) answered);
                s_durations[answered.Intent.Op] = Stopwatch.GetElapsedTime(answered.Begun);
                History.Add((answered.Intent, result));
                Answers++;
                break;
            default:
                throw new InvalidOperationException("The writer said: " + line);
        }

        return History[^1];
    }
}
