using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using RonKms.Benchmarks.Core;
using RonKms.Benchmarks.Harness;
using RonKms.Benchmarks.Hsm;
using RonKms.Benchmarks.Pq;
using RonKms.Benchmarks.Store;

namespace RonKms.Benchmarks;

/// <summary>What is measured together: tables for people, and figures with limits.</summary>
internal sealed class BenchmarkGroup
{
    private static readonly BenchmarkGroup[] s_all =
    [
        new("core", CoreFigures.Measure, typeof(SigningTable), typeof(EnvelopeTable), typeof(MacAndKemTable), typeof(CreationTable)),
        new("pq", PqFigures.Measure, typeof(MLKemTable), typeof(MLDsaTable), typeof(SlhDsaTable)) { HasReference = () => ReferenceFigures.HasReference },
        new("store", StoreFigures.Measure, typeof(DurableTable), typeof(OpeningTable)),
        new("hsm", HsmFigures.Measure, typeof(HsmTable)) { HasReference = () => HsmFigures.HasReference },
        new("harness", HarnessFigures.Measure, typeof(HarnessTable)),
    ];

    private readonly string _name;
    private readonly Type[] _tables;

    private BenchmarkGroup(string name, Func<IEnumerable<Figure>> measure, params Type[] tables)
    {
        _name = name;
        _tables = tables;
        Measure = measure;
    }

    internal static string Names => string.Join(' ', s_all.Select(group => group._name));

    /// <summary>Measures the figures, each as it is asked for.</summary>
    internal Func<IEnumerable<Figure>> Measure { get; }

    /// <summary>Whether everything that the figures are compared with is there.</summary>
    internal Func<bool> HasReference { get; private init; } = () => true;

    internal static BenchmarkGroup? Find(string name) => Array.Find(s_all, group => group._name == name);

    /// <summary>Runs BenchmarkDotNet.</summary>
    /// <returns>Whether every benchmark ran.</returns>
    internal bool MakeTables()
    {
        IConfig config = DefaultConfig.Instance
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumn(StatisticColumn.Median)
            .AddExporter(JsonExporter.FullCompressed, MarkdownExporter.GitHub)
            .HideColumns(Column.Job, Column.InvocationCount, Column.IterationCount, Column.WarmupCount, Column.UnrollFactor, Column.Error, Column.Gen0);
        return BenchmarkRunner.Run(_tables, config)
            .All(summary => !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(Succeeded));
    }

    private static bool Succeeded(BenchmarkReport report) => report.Success;
}
