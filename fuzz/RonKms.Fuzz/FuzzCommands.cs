using System.Globalization;
using RonKms.Fuzz.Engine;
using RonKms.Fuzz.Planted;
using RonKms.Fuzz.Targets;

namespace RonKms.Fuzz;

/// <summary>The commands of eng/fuzz.sh.</summary>
/// <param name="root">The repository.</param>
internal sealed class FuzzCommands(string root)
{
    internal const int WrongUsage = 2;

    private static readonly TimeSpan s_selfTest = TimeSpan.FromSeconds(30);

    private readonly FuzzPlaces _places = new(root);
    private readonly int _seed = Environment.GetEnvironmentVariable("RONKMS_FUZZ_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next();

    internal int Run(string[] command)
    {
        switch (command)
        {
            case ["--list"]:
                AllTargets.All.ToList().ForEach(target => Console.WriteLine(target.Name));
                return 0;
            case ["--all", string text] when TrySeconds(text, out TimeSpan time):
                int selfTest = SelfTest();
                return Math.Max(selfTest, Fuzz(AllTargets.All, time));
            case ["--self-test"]:
                return SelfTest();
            case ["--replay", string name, string file] when Find(name) is { } target:
                return Replay(target, file);
            case ["--minimise", string name] when Find(name) is { } target:
                return InCopy((program, _) => MinimiseProcess.Run(program, target, _places));
            case ["--seeds", string name] when Find(name) is { } target:
                return WriteSeeds(target);
            case [string name, string text] when TrySeconds(text, out TimeSpan time) && Find(name) is { } target:
                return Fuzz([target], time);
            default:
                return WrongUsage;
        }
    }

    /// <summary>What a worker does.</summary>
    internal static int Work(FuzzTarget target, TimeSpan time, int seed, string statePath, string corpus, string found)
    {
        using SharedState state = new(statePath, target.MaxSize);
        try
        {
            new Worker(target, state, seed).Run(FuzzPlaces.Read(corpus, found), time, input => FuzzPlaces.Write(found, input));
            return 0;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            return 1;
        }
    }

    private static FuzzTarget? Find(string name)
    {
        FuzzTarget? target = AllTargets.Find(name);
        if (target is null)
        {
            Console.Error.WriteLine($"there is no target '{name}'; eng/fuzz.sh --list names them");
        }

        return target;
    }

    private static bool TrySeconds(string text, out TimeSpan time)
    {
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 100_000;
        time = TimeSpan.FromSeconds(isNumber ? seconds : 0);
        return isNumber;
    }

    /// <summary>Does something with an instrumented copy, which is gone afterwards.</summary>
    private static T InCopy<T>(Func<string, string, T> work)
    {
        string scratch = Directory.CreateTempSubdirectory("ronkms-fuzz-").FullName;
        try
        {
            return work(Instrumenter.CopyTo(Directory.CreateDirectory(Path.Combine(scratch, "bin")).FullName), scratch);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private int Fuzz(IReadOnlyList<FuzzTarget> targets, TimeSpan time)
    {
        Console.WriteLine($"seed {_seed}");
        FuzzResult[] results = InCopy((program, scratch) => targets
            .AsParallel().WithDegreeOfParallelism(Math.Min(Environment.ProcessorCount, 16))
            .Select(target => Told(new WorkerProcess(program, scratch).Run(target, time, _places.Corpus(target), _places.Found(target), _seed)))
            .ToArray());
        int crashes = results.Count(result => result.Crash is not null);
        Console.WriteLine($"fuzz: {results.Length} targets, {results.Sum(result => result.Executions)} executions, {crashes} crashes");
        return crashes == 0 ? 0 : 1;
    }

    private FuzzResult Told(FuzzResult result)
    {
        if (result.Crash is null)
        {
            Console.WriteLine(result);
            return result;
        }

        string path = Path.GetRelativePath(root, FuzzPlaces.Write(_places.Crashes(result.Target), result.Input));
        Console.WriteLine($"""
            {result.Target.Name}: CRASH after {result.Executions} executions: {result.Crash.TrimEnd()}
              the input, {result.Input.Length} bytes: {path}
              to run it again: eng/fuzz.sh --replay {result.Target.Name} {path}
            """);
        return result;
    }

    /// <summary>Whether the planted bugs are found, each from a valid input.</summary>
    private int SelfTest()
    {
        bool[] found = InCopy((program, scratch) => PlantedTargets.All.AsParallel().WithDegreeOfParallelism(PlantedTargets.All.Count).Select(planted =>
        {
            string corpus = Path.Combine(scratch, planted.Target.Name);
            FuzzPlaces.Write(corpus, PlantedTargets.Seed);
            FuzzResult result = new WorkerProcess(program, scratch).Run(planted.Target, s_selfTest, corpus, corpus + "-found", _seed);
            bool isFound = result.Crash?.Contains(planted.Expected, StringComparison.Ordinal) == true;
            Console.WriteLine(isFound
                ? $"{planted.Target.Name}: found after {result.Executions} executions, {result.Time.TotalSeconds:F1} s"
                : $"{planted.Target.Name}: NOT FOUND ({result}; {result.Crash ?? "no crash"})");
            return isFound;
        }).ToArray());
        Console.WriteLine($"self-test: {found.Count(one => one)} of {found.Length} planted bugs found");
        return found.All(one => one) ? 0 : 1;
    }

    /// <summary>Runs one input in the program as it was built: so the trace has the lines.</summary>
    private static int Replay(FuzzTarget target, string file)
    {
        byte[] input = File.ReadAllBytes(file);
        using Timer limit = new(
            _ =>
            {
                Console.WriteLine($"{target.Name}: CRASH: it takes longer than {target.TimeLimit.TotalSeconds} s");
                Environment.Exit(1);
            },
            state: null,
            target.TimeLimit,
            Timeout.InfiniteTimeSpan);
        try
        {
            target.Execute(input);
        }
        catch (Exception e)
        {
            Console.WriteLine($"{target.Name}: CRASH: {e}");
            return 1;
        }

        Console.WriteLine($"{target.Name}: {input.Length} bytes, no crash");
        return 0;
    }

    private int WriteSeeds(FuzzTarget target)
    {
        int count = 0;
        foreach (byte[] seed in target.Seeds(new SeedSource(root)).Where(seed => seed.Length <= target.MaxSize))
        {
            FuzzPlaces.Write(_places.Corpus(target), seed);
            count++;
        }

        Console.WriteLine($"{target.Name}: {count} seeds");
        return 0;
    }
}
