using RonKms.Benchmarks;
using RonKms.Benchmarks.Gate;
using RonKms.Benchmarks.Timing;

// table GROUP      the tables that people read
// check GROUP      one line a figure: name, value, limit, ok or short; exit 0 only when all are ok, 2 when all that could be measured is
//                  but what others are compared with is not there
// gate FILE        the same of the drift gate, beside the baseline in a file
// baseline FILE    writes such a file
// timing [zeros]   statistical timing tests: name, largest |t|, measurements, difference; exit 0 only when no times differ.
//                  zeros: of polynomials of zeros, which are no secrets
return args switch
{
    ["timing"] => TimingTests.Run(zeros: false) ? 0 : 1,
    ["timing", "zeros"] => TimingTests.Run(zeros: true) ? 0 : 1,
    ["gate", string file] => Judge(file),
    ["baseline", string file] => Write(file),
    ["table", string name] when BenchmarkGroup.Find(name) is { } group => group.MakeTables() ? 0 : 1,
    ["check", string name] when BenchmarkGroup.Find(name) is { } group => Check(group),
    _ => Usage(),
};

static int Check(BenchmarkGroup group)
{
    int shortFigures = Print(group.Measure());
    if (!group.HasReference())
    {
        Console.WriteLine("no reference");
        return shortFigures == 0 ? 2 : 1;
    }

    return shortFigures == 0 ? 0 : 1;
}

static int Judge(string file)
{
    try
    {
        Baseline baseline = Baseline.Parse(File.ReadAllText(file));
        Console.Error.WriteLine($"the baseline is of: {baseline.Machine}");
        return Print(baseline.Judge(GateFigures.Measure())) == 0 ? 0 : 1;
    }
    catch (InvalidDataException e)
    {
        Console.Error.WriteLine($"error: {e.Message}");
        return 1;
    }
}

static int Write(string file)
{
    List<Figure> figures = [];
    Print(GateFigures.Measure().Select(figure =>
    {
        figures.Add(figure);
        return figure with { Limit = figure.Estimate.Median * figure.Limit };
    }));
    File.WriteAllText(file, Baseline.Of(Machine.Description, figures).ToJson());
    return 0;
}

// The figures are lines on standard output, what lies behind them on standard error.
static int Print(IEnumerable<Figure> figures)
{
    Console.Error.WriteLine($"machine: {Machine.Description}");
    int shortFigures = 0;
    foreach (Figure figure in figures)
    {
        Console.WriteLine(figure);
        Console.Error.WriteLine($"  {figure.Detail}");
        shortFigures += figure.IsShort ? 1 : 0;
    }

    return shortFigures;
}

static int Usage()
{
    Console.Error.WriteLine($"usage: table GROUP | check GROUP | gate FILE | baseline FILE | timing [zeros]; groups: {BenchmarkGroup.Names}");
    return 2;
}
