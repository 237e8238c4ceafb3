using System.Reflection;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules;

/// <summary>The scenarios, each in all its schedules with few preemptions.</summary>
public sealed class ScheduleTests(RewrittenFixture rewritten, ITestOutputHelper output) : IClassFixture<RewrittenFixture>
{
    // More than any scenario has in every run; and what bounds the time by night, to some ten minutes.
    private const int MaxSchedules = 10_000;
    private const int MinSchedules = 20;
    private const int MaxSchedulesByNight = 20_000;
    private const int MaxPreemptionsByNight = 4;

    public static TheoryData<string> Scenarios => [.. Methods.Select(NameOf)];

    private static IEnumerable<MethodInfo> Methods =>
        from type in typeof(ScheduleTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        where method.IsDefined(typeof(ExploredAttribute))
        select method;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void No_schedule_breaks(string scenario)
    {
        Exploration explored = Explore(rewritten, scenario);

        output.WriteLine(Describe(scenario, explored));
        Assert.True(explored.Failure is null, Failure(scenario, explored));
        Assert.True(explored.IsWhole, $"There are more than {MaxSchedules} schedules: see what made so many of them, or try the scenario with fewer preemptions.");
        Assert.True(explored.Schedules >= MinSchedules, "Hardly anything was a step: is the library rewritten?");
    }

    /// <summary>Goes on with each scenario where every run ends, and says how far it came.</summary>
    [Fact(Explicit = true)]
    public void No_schedule_of_many_breaks()
    {
        Dictionary<string, Exploration> explored = [];
        foreach (string scenario in Methods.Select(NameOf))
        {
            explored.Add(scenario, rewritten.Explore(Find(scenario), MaxPreemptionsByNight, MaxSchedulesByNight));

            // The lines that end so stand in the evidence, and the last one.
            Console.WriteLine($"{Describe(scenario, explored[scenario])} {(explored[scenario].Failure is null ? "ok" : "FAILED")}");
        }

        IEnumerable<string> whole = Enumerable.Range(1, MaxPreemptionsByNight).Select(bound => $"{explored.Values.Count(one => one.WholeTo >= bound)} with {bound}");
        Console.WriteLine(
            $"schedules: {explored.Count} scenarios, {explored.Values.Sum(one => one.Schedules)} schedules; whole with so many preemptions: {string.Join(", ", whole)}");
        string[] failures = [.. explored.Where(one => one.Value.Failure is not null).Select(one => Failure(one.Key, one.Value))];
        Assert.True(failures.Length == 0, string.Join("\n\n", failures));
    }

    /// <summary>Follows the schedule that a failure named: <c>RONKMS_SCHEDULE=TokenScenarios.Two_users_of_one_place:A3B…</c></summary>
    [Fact(Explicit = true)]
    public void A_schedule_is_replayed()
    {
        string[] wanted = (Environment.GetEnvironmentVariable("RONKMS_SCHEDULE") ?? "").Split(':');
        Assert.SkipUnless(wanted.Length == 2, "RONKMS_SCHEDULE names no SCENARIO:SCHEDULE.");

        Exploration followed = rewritten.Explore(Find(wanted[0]), 0, 0, wanted[1]);

        Assert.True(followed.Failure is null, followed.Failure);
    }

    /// <summary>Explores a scenario as every run does.</summary>
    internal static Exploration Explore(RewrittenFixture rewritten, string scenario) =>
        rewritten.Explore(Find(scenario), Find(scenario).GetCustomAttribute<ExploredAttribute>()!.Preemptions, MaxSchedules);

    private static MethodInfo Find(string scenario) => Methods.Single(method => NameOf(method) == scenario);

    private static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static string Describe(string scenario, Exploration explored) => $"{scenario}: " + (explored.IsWhole
        ? $"all {explored.Schedules} schedules with up to {explored.Preemptions} preemptions"
        : $"all with up to {explored.WholeTo} preemptions, cut off at {explored.Schedules} schedules");

    private static string Failure(string scenario, Exploration explored) =>
        $"{explored.Failure}\nTo see it again: RONKMS_SCHEDULE={scenario}:{explored.Schedule}";
}
