using System.Security.Cryptography;
using System.Text;
using RonKms.Mutants;

// Called by eng/mutants.sh, in the repository's root: COUNT SEED [FILES]
const int Workers = 2;
int count = int.Parse(args[0]);
string seed = args[1], files = args.Length > 2 ? args[2] : "";

IReadOnlyList<TestSuite> suites = TestSuite.Read("eng/mutants.txt");
Explanations explanations = new("docs/mutants.md");
List<Mutant> all = [.. suites.SelectMany(Library.MutantsOf)];
int faults = 0;
foreach (TestSuite suite in suites.Where(suite => !all.Exists(mutant => mutant.Suite == suite)))
{
    Fault($"eng/mutants.txt: nothing to change in {suite.Files}");
}

foreach (string row in explanations.Stale(all))
{
    Fault($"docs/mutants.md explains a mutant that there is no more: {row}");
}

// A mutant's place among its suite's depends on nothing but the seed and itself. Then one of each suite, and again.
List<Mutant> chosen =
[
    .. all.Where(mutant => mutant.File.StartsWith(files, StringComparison.Ordinal))
        .GroupBy(mutant => mutant.Suite)
        .SelectMany(group => group.OrderBy(Rank, StringComparer.Ordinal).Select((mutant, index) => (mutant, index)))
        .OrderBy(pair => pair.index).ThenBy(pair => Rank(pair.mutant), StringComparer.Ordinal)
        .Select(pair => pair.mutant).Take(count),
];
Console.WriteLine($"{chosen.Count} of {all.Count} mutants, seed {seed}");

Queue<Mutant> queue = new(chosen);
Dictionary<TestSuite, TimeSpan> limits = [];
Lock sync = new();
int[] outcomes = new int[3];
int explained = 0;
await Task.WhenAll(Enumerable.Range(1, Workers).Select(number => Task.Run(() => Work(new TestRun($"Mutant{number}"))))).ConfigureAwait(false);
Console.WriteLine(
    $"mutants: {outcomes[(int)Outcome.Killed]} killed, {outcomes[(int)Outcome.TimedOut]} timed out, {outcomes[(int)Outcome.Survived]} survived ({explained} explained)");
return faults == 0 ? 0 : 1;

string Rank(Mutant mutant) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}|{mutant.Name}")));

void Fault(string text)
{
    Console.WriteLine($"error: {text}");
    faults++;
}

void Work(TestRun run)
{
    while (true)
    {
        Mutant mutant;
        lock (sync)
        {
            if (!queue.TryDequeue(out Mutant? next))
            {
                return;
            }

            mutant = next;
            if (!limits.ContainsKey(mutant.Suite))
            {
                limits[mutant.Suite] = TimeSpan.FromSeconds(30) + (10 * run.RunUnchanged(mutant.Suite));
            }
        }

        Outcome outcome = run.Run(mutant, limits[mutant.Suite]);
        lock (sync)
        {
            outcomes[(int)outcome]++;
            Console.WriteLine($"{outcome.ToString().ToUpperInvariant(),-9} {mutant}");
            if (outcome == Outcome.Survived && explanations.Explain(mutant))
            {
                explained++;
            }
            else if (outcome == Outcome.Survived)
            {
                Fault("no test notices it: write one, or explain it in docs/mutants.md");
            }
        }
    }
}
