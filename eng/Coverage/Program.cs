using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using RonKms.Coverage;

// Called by eng/coverage.sh, in the repository's root.
const string Artifacts = "artifacts/coverage";

switch (args)
{
    case ["instrument"]:
        Instrument();
        return 0;
    case ["report", .. string[] notJudged]:
        return new Report(Artifacts, notJudged).Print(Console.Out) ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: Coverage instrument|report [PACKAGE THAT IS NOT JUDGED]…");
        return 2;
}

// Every test project's output in bin/Release has a copy in bin/Coverage, at the same depth, with the library's assemblies instrumented.
static void Instrument()
{
    if (Directory.Exists(Artifacts))
    {
        Directory.Delete(Artifacts, recursive: true);
    }

    Directory.CreateDirectory(Artifacts);
    Dictionary<string, Guid> versions = [];
    foreach (string project in Directory.GetDirectories("src"))
    {
        string name = Path.GetFileName(project) + ".dll";
        string assembly = Path.Combine(project, "bin/Release/net10.0", name);
        versions.Add(name, Version(assembly));
        InstrumentedLibrary.Write(assembly, Path.Combine(Artifacts, name));
    }

    foreach (string project in Directory.GetDirectories("tests"))
    {
        string output = Path.Combine(project, "bin/Release/net10.0"), copy = Path.Combine(project, "bin/Coverage/net10.0");
        if (!Directory.Exists(output))
        {
            continue;
        }

        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        foreach (string file in Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(output, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            string name = Path.GetFileName(file);
            // The heap probe looks at what the library itself leaves in memory and in files.
            if (!versions.TryGetValue(name, out Guid version) || Path.GetFileName(project) == "RonKms.HeapProbe")
            {
                File.Copy(file, target);
            }
            else if (Version(file) == version)
            {
                File.Copy(Path.Combine(Artifacts, name), target);
            }
            else
            {
                throw new InvalidOperationException($"{file} is not what was built last from src: build the solution first");
            }
        }
    }
}

static Guid Version(string assembly)
{
    using PEReader reader = new(File.OpenRead(assembly));
    MetadataReader metadata = reader.GetMetadataReader();
    return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
}
