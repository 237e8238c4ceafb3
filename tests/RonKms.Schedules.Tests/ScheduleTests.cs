using System.Reflection;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules;

/// <summary>The scenarios, each in all its schedules with few preemptions.</summary>
public sealed class ScheduleTests(RewrittenFixture rewritten, ITestOutputHelper output) : IClassFixture<RewrittenFixture>
{
    // What bounds the time of a run; the output says where it cut a scenario off.
    private const int MaxSchedules = 1000;
    private const int MinSchedules = 20;
    private const int MaxSchedulesByNight = 200_000;

    public static TheoryData<string> Scenarios => [.. Methods.Select(NameOf)];

    private static IEnumerable<MethodInfo> Methods =>
        from type in typeof(ScheduleTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        where method.IsDefined(typeof(ExploredAttribute))
        select method;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void No_schedule_breaks(string scenario) => Explore(scenario, of => of.Preemptions, MaxSchedules);

    [Theory(Explicit = true)]
    [MemberData(nameof(Scenarios))]
    public void No_schedule_of_many_breaks(string scenario) => Explore(scenario, of => of.Nightly, MaxSchedulesByNight);

    /// <summary>Follows the schedule that a failure named: <c>RONKMS_SCHEDULE=TokenScenarios.Two_users_of_one_place:A3B…</c></summary>
    [Fact(Explicit = true)]
    public void A_schedule_is_replayed()
    {
        string[] wanted = (Environment.GetEnvironmentVariable("RONKMS_SCHEDULE") ?? "").Split(':');
        Assert.SkipUnless(wanted.Length == 2, "RONKMS_SCHEDULE names no SCENARIO:SCHEDULE.");

        Exploration followed = rewritten.Explore(Find(wanted[0]), 0, 0, wanted[1]);

        Assert.True(followed.Failure is null, followed.Failure);
    }

    private static MethodInfo Find(string scenario) => Methods.Single(method => NameOf(method) == scenario);

    private static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private void Explore(string scenario, Func<ExploredAttribute, int> preemptions, int most)
    {
        MethodInfo method = Find(scenario);
        Exploration explored = rewritten.Explore(method, preemptions(method.GetCustomAttribute<ExploredAttribute>()!), most);

        output.WriteLine(explored.IsWhole
            ? $"all {explored.Schedules} schedules with up to {explored.Preemptions} preemptions"
            : $"cut off at {explored.Schedules} schedules: all with fewer than {explored.Preemptions} preemptions, and some with {explored.Preemptions}");
        Assert.True(explored.Failure is null, $"{explored.Failure}\nTo see it again: RONKMS_SCHEDULE={scenario}:{explored.Schedule}");
        Assert.True(explored.Schedules >= MinSchedules, "Hardly anything was a step: is the library rewritten?");
    }
}
