using System.Reflection;
using System.Runtime.Loader;
using Mono.Cecil;

namespace RonKms.Schedules.Engine;

/// <summary>Rewritten copies of the libraries and of the scenarios here, loaded beside the originals.</summary>
internal sealed class RewrittenAssemblies : AssemblyLoadContext, IDisposable
{
    private static readonly string[] s_rewritten = ["RonKms", "RonKms.Pkcs11", "RonKms.Schedules.Tests"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ronkms-schedules-");

    /// <param name="plant">What is changed in the core before it is rewritten, so that there is a fault to find.</param>
    internal RewrittenAssemblies(Action<ModuleDefinition>? plant)
    {
        string own = Path.GetDirectoryName(typeof(Controlled).Assembly.Location)!;
        using DefaultAssemblyResolver resolver = new();
        resolver.AddSearchDirectory(own);
        foreach (string name in s_rewritten)
        {
            using ModuleDefinition module = ModuleDefinition.ReadModule(Path.Combine(own, name + ".dll"), new ReaderParameters { AssemblyResolver = resolver });
            if (name == "RonKms")
            {
                plant?.Invoke(module);
            }

            Found.Add(name, Rewriter.Rewrite(module, IsRewritten, s_rewritten));
            module.Write(PathOf(name));
        }
    }

    /// <summary>What was found in each.</summary>
    internal Dictionary<string, Dictionary<string, int>> Found { get; } = [];

    /// <summary>A method of the copies.</summary>
    internal T Method<T>(Type type, string name)
        where T : Delegate =>
        LoadFromAssemblyName(type.Assembly.GetName()).GetType(type.FullName!, throwOnError: true)!
            .GetMethod(name, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!.CreateDelegate<T>();

    public void Dispose() => _directory.Delete(recursive: true);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        s_rewritten.Contains(assemblyName.Name) ? LoadFromAssemblyPath(PathOf(assemblyName.Name!)) : null;

    private static bool IsRewritten(TypeDefinition type)
    {
        while (type.DeclaringType is not null)
        {
            type = type.DeclaringType;
        }

        // Of this assembly all but what controls the rest, and what runs outside of it.
        return type.Namespace is "RonKms.Schedules.Scenarios" or "RonKms.Schedules.Seeded"
            || !(type.Namespace is "RonKms.Fuzz.Engine" || type.Namespace.StartsWith("RonKms.Schedules", StringComparison.Ordinal));
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name + ".dll");
}
