using System.Reflection;
using Mono.Cecil;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules;

/// <summary>The rewritten copies, made once.</summary>
public sealed class RewrittenFixture : IDisposable
{
    private delegate (int Schedules, int Preemptions, bool IsWhole, string? Failure, string? Schedule) Exploring(
        string type, string method, int preemptions, int schedules, string? replayed);

    private readonly RewrittenAssemblies _assemblies;

    public RewrittenFixture()
        : this(null)
    {
    }

    /// <summary>Copies with a fault in the core.</summary>
    internal RewrittenFixture(Action<ModuleDefinition>? plant)
    {
        _assemblies = new RewrittenAssemblies(plant);
    }

    internal Dictionary<string, Dictionary<string, int>> Found => _assemblies.Found;

    /// <summary>The directory that a library is loaded from where scenarios run.</summary>
    internal string PlaceOf(string library) => Path.GetDirectoryName(_assemblies.LoadFromAssemblyName(new AssemblyName(library)).Location)!;

    /// <summary>Explores a scenario, or follows one schedule of it.</summary>
    internal Exploration Explore(MethodInfo scenario, int preemptions, int schedules, string? replayed = null)
    {
        // The copies have types of their own: only what both know passes between.
        var came = _assemblies.Method<Exploring>(typeof(RewrittenFixture), nameof(ExploreHere))(
            scenario.DeclaringType!.FullName!, scenario.Name, preemptions, schedules, replayed);
        return new Exploration(came.Schedules, came.Preemptions, came.IsWhole, came.Failure, came.Schedule);
    }

    public void Dispose() => _assemblies.Dispose();

    private static (int Schedules, int Preemptions, bool IsWhole, string? Failure, string? Schedule) ExploreHere(
        string type, string method, int preemptions, int schedules, string? replayed)
    {
        Func<Trial> make = typeof(RewrittenFixture).Assembly.GetType(type, throwOnError: true)!
            .GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<Trial>>();
        Exploration came = replayed is null ? Explorer.Explore(make, preemptions, schedules) : Explorer.Replay(make, replayed);
        return (came.Schedules, came.Preemptions, came.IsWhole, came.Failure, came.Schedule);
    }
}
