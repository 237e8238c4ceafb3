using System.Diagnostics;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz;

/// <summary>Makes a target's corpus small, in a process of the instrumented copy.</summary>
internal static class MinimiseProcess
{
    /// <summary>The argument that makes this program do it.</summary>
    internal const string Argument = "minimise";

    /// <summary>Starts the copy and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    internal static int Run(string program, FuzzTarget target, FuzzPlaces places)
    {
        using Process process = Process.Start(Environment.ProcessPath!, [program, Argument, target.Name, places.Corpus(target), places.Found(target)]);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>What the copy does.</summary>
    internal static int Work(FuzzTarget target, string corpus, string found)
    {
        byte[][] all = FuzzPlaces.Read(corpus, found);
        List<byte[]> chosen = Minimiser.Choose(target, all);
        HashSet<string> names = [.. chosen.Select(FuzzPlaces.NameOf)];
        Directory.CreateDirectory(corpus);
        foreach (string file in Directory.EnumerateFiles(corpus))
        {
            if (!names.Contains(Path.GetFileName(file)))
            {
                File.Delete(file);
            }
        }

        chosen.ForEach(input => FuzzPlaces.Write(corpus, input));
        if (Directory.Exists(found))
        {
            Directory.Delete(found, recursive: true);
        }

        Console.WriteLine($"{target.Name}: {all.Length} inputs, of which {chosen.Count} ({chosen.Sum(input => input.Length)} bytes) take every edge");
        return 0;
    }
}
