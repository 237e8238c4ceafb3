using RonKms.Benchmarks;
using RonKms.Benchmarks.Timing;

// table GROUP   the tables that people read
// check GROUP   one line a figure: name, value, limit, ok or short; exit 0 only when all are ok, 2 when all that could be measured is
//               but what others are compared with is not there
// timing [zeros]  statistical timing tests: name, largest |t|, measurements, difference; exit 0 only when no times differ. zeros: of polynomials
//               of zeros, which are no secrets
if (args is ["timing"] or ["timing", "zeros"])
{
    return TimingTests.Run(args.Length == 2) ? 0 : 1;
}

if (args is not [("table" or "check") and var verb, var name])
{
    return Usage("it takes one or two arguments");
}

if (BenchmarkGroup.Find(name) is not { } group)
{
    return Usage($"there is no group '{name}'");
}

if (verb == "table")
{
    return group.MakeTables() ? 0 : 1;
}

int shortFigures = 0;
foreach (Figure figure in group.Measure())
{
    Console.WriteLine(figure);
    Console.Error.WriteLine($"  {figure.Detail}");
    shortFigures += figure.IsShort ? 1 : 0;
}

if (!group.HasReference())
{
    Console.WriteLine("no reference");
    return shortFigures == 0 ? 2 : 1;
}

return shortFigures == 0 ? 0 : 1;

static int Usage(string error)
{
    Console.Error.WriteLine($"error: {error}");
    Console.Error.WriteLine($"usage: table GROUP | check GROUP | timing [zeros]; groups: {BenchmarkGroup.Names}");
    return 2;
}
