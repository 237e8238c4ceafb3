using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RonKms.Mutants;

/// <summary>One of the library's assemblies, as it was built last.</summary>
internal static class Library
{
    internal static string PathOf(string name) => $"src/{name}/bin/Release/net10.0/{name}.dll";

    /// <summary>Every change of what a suite tests.</summary>
    internal static List<Mutant> MutantsOf(TestSuite suite)
    {
        using ModuleDefinition module = Open(suite);
        List<Mutant> mutants = [];
        Dictionary<string, string[]> sources = [];
        Dictionary<(string, string, string), int> numbers = [];
        foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            SequencePoint?[] points = Points(method);
            if (points.All(point => point is null))
            {
                continue;
            }

            method.Body.SimplifyMacros();
            for (int i = 0; i < points.Length; i++)
            {
                if (points[i] is not { } point || FileOf(point) is not { } file || !suite.Has(file))
                {
                    continue;
                }

                if (!sources.TryGetValue(file, out string[]? lines))
                {
                    sources.Add(file, lines = File.ReadAllLines(file));
                }

                string text = lines[point.StartLine - 1].Trim();
                int variant = 0;
                foreach ((string change, _) in InstructionChanges.Of(method, method.Body.Instructions[i]))
                {
                    int number = numbers.GetValueOrDefault((file, text, change));
                    numbers[(file, text, change)] = number + 1;
                    mutants.Add(new Mutant(suite, file, point.StartLine, text, change, number, method.MetadataToken.ToUInt32(), i, variant++));
                }
            }
        }

        return mutants;
    }

    /// <summary>Writes the assembly with one change.</summary>
    internal static void Write(Mutant mutant, string target)
    {
        using ModuleDefinition module = Open(mutant.Suite);
        MethodDefinition method = (MethodDefinition)module.LookupToken((int)mutant.Method);
        method.Body.SimplifyMacros();
        InstructionChanges.Of(method, method.Body.Instructions[mutant.Instruction]).ElementAt(mutant.Variant).Make(method.Body.GetILProcessor());
        method.Body.OptimizeMacros();
        module.Write(target);
    }

    private static ModuleDefinition Open(TestSuite suite) =>
        ModuleDefinition.ReadModule(PathOf(suite.Library), new ReaderParameters { ReadSymbols = true });

    /// <summary>The statement that each instruction belongs to; null for what the compiler made.</summary>
    private static SequencePoint?[] Points(MethodDefinition method)
    {
        Dictionary<int, SequencePoint> pointAt = method.DebugInformation.SequencePoints.ToDictionary(point => point.Offset);
        SequencePoint?[] points = new SequencePoint?[method.Body.Instructions.Count];
        SequencePoint? current = null;
        for (int i = 0; i < points.Length; i++)
        {
            current = pointAt.GetValueOrDefault(method.Body.Instructions[i].Offset) ?? current;
            points[i] = current is { IsHidden: false } ? current : null;
        }

        return points;
    }

    private static string? FileOf(SequencePoint point)
    {
        string path = point.Document.Url.Replace('\\', '/');
        int start = path.LastIndexOf("/src/", StringComparison.Ordinal);
        return start < 0 || path.Contains("/obj/", StringComparison.Ordinal) ? null : path[(start + 1)..];
    }
}
