using RonKms.Mutants;

// Called by eng/mutants.sh, in the repository's root: COUNT SEED FILES FIRST LAST
const int Workers = 2, BatchLength = 12;
int count = int.Parse(args[0]), first = int.Parse(args[3]), last = int.Parse(args[4]);
string seed = args[1], files = args[2];

IReadOnlyList<TestSuite> suites = TestSuite.Read("eng/mutants.txt");
Explanations explanations = new("docs/mutants.md");
// "FILE: METHOD: TEXT" there.
HashSet<string> unreachable =
[
    .. File.ReadLines("eng/coverage-exceptions.txt").Select(line => line.Split(": ", 3)).Where(parts => parts.Length == 3)
        .Select(parts => $"{parts[0]}: {parts[2]}"),
];
List<Mutant> all = [.. suites.SelectMany(Library.MutantsOf).Where(mutant => !unreachable.Contains($"{mutant.File}: {mutant.Text}"))];
int faults = 0;
foreach (TestSuite suite in suites.Where(suite => !all.Exists(mutant => mutant.Suite == suite)))
{
    Fault($"eng/mutants.txt: nothing to change in {suite.Files}");
}

foreach (string row in explanations.Stale(all))
{
    Fault($"docs/mutants.md explains a mutant that there is no more: {row}");
}

List<Mutant> chosen =
[
    .. InOrder(InOrder(all, "1").Take((first - 1)..last).Where(IsWanted), seed)
        .Take(count),
];
Console.WriteLine($"{chosen.Count} of {all.Count} mutants, seed {seed}");
if (chosen.Count == 0)
{
    Fault("no mutant was chosen");
}

Queue<Mutant[]> queue = new(chosen.GroupBy(mutant => mutant.Suite).SelectMany(group => group.Chunk(BatchLength)));
Lock sync = new();
int[] outcomes = new int[5];
int explained = 0;
await Task.WhenAll(Enumerable.Range(1, Workers).Select(number => Task.Run(() => Work(new TestRun($"Mutant{number}"))))).ConfigureAwait(false);
Console.WriteLine(
    $"mutants: {Of(Outcome.TestFailed) + Of(Outcome.ProcessEnded) + Of(Outcome.TimedOut)} killed ({Of(Outcome.TestFailed)} by a test that failed, "
    + $"{Of(Outcome.ProcessEnded)} by the end of the process, {Of(Outcome.TimedOut)} timed out), "
    + $"{Of(Outcome.Survived)} survived ({explained} explained), {Of(Outcome.Broken)} broken");
return faults == 0 ? 0 : 1;

// One of each suite, and again; a suite's in an order that depends on nothing but the seed and themselves.
static IEnumerable<Mutant> InOrder(IEnumerable<Mutant> mutants, string seed) => mutants
    .Select(mutant => (mutant, rank: mutant.Rank(seed)))
    .GroupBy(pair => pair.mutant.Suite)
    .SelectMany(group => group.OrderBy(pair => pair.rank, StringComparer.Ordinal).Select((pair, index) => (pair.mutant, pair.rank, index)))
    .OrderBy(place => place.index).ThenBy(place => place.rank, StringComparer.Ordinal)
    .Select(place => place.mutant);

bool IsWanted(Mutant mutant) => Array.Exists(files.Split(','), part => mutant.Id == part || mutant.File.StartsWith(part, StringComparison.Ordinal));

int Of(Outcome outcome) => outcomes[(int)outcome];

void Fault(string text)
{
    Console.WriteLine($"error: {text}");
    faults++;
}

void Work(TestRun run)
{
    TestSuite? last = null;
    while (true)
    {
        Mutant[]? batch;
        lock (sync)
        {
            queue.TryDequeue(out batch);
        }

        // Each file's tests pass without a change first, and the last ones again at the end: what fails in between is the mutants' doing.
        if (batch is null)
        {
            _ = last is null ? null : Unchanged(run, last);
            return;
        }

        last = batch[0].Suite;
        if (Unchanged(run, last) is not { } took)
        {
            continue;
        }

        foreach (Mutant mutant in batch)
        {
            TestReport report = run.Run(mutant, TimeSpan.FromSeconds(20) + (10 * took));
            lock (sync)
            {
                Tell(mutant, report);
            }
        }

        Unchanged(run, batch[0].Suite);
    }
}

TimeSpan? Unchanged(TestRun run, TestSuite suite)
{
    TestReport report = run.RunUnchanged(suite);
    if (report.Outcome == Outcome.Survived)
    {
        return report.Took;
    }

    lock (sync)
    {
        Fault($"the tests of {suite.Files} do not pass, or there are none, without any change: what they say of mutants does not count\n{report.Output}");
    }

    return null;
}

void Tell(Mutant mutant, TestReport report)
{
    outcomes[(int)report.Outcome]++;
    string by = report.Outcome == Outcome.TestFailed ? $" [{report.FailedTest}]" : "";
    Console.WriteLine($"{report.Outcome,-12} {mutant}{by}");
    if (report.Outcome == Outcome.Broken)
    {
        Fault($"the tests did not run; the exit code was {report.ExitCode?.ToString() ?? "none"}:\n{report.Output}");
    }
    else if (report.Outcome == Outcome.Survived && explanations.Explain(mutant))
    {
        explained++;
    }
    else if (report.Outcome == Outcome.Survived)
    {
        Fault($"no test notices it: write one, or explain it in docs/mutants.md. To see it again: eng/mutants.sh 1 1 {mutant.Id}");
    }
}
