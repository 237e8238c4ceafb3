using System.Reflection;
using Mono.Cecil;
using RonKms.Schedules.Engine;
using RonKms.Schedules.Scenarios;

namespace RonKms.Schedules;

/// <summary>A fault in the library itself is found by the scenario that is there to find it, as every run explores it.</summary>
public sealed class PlantedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(nameof(PlantedFaults.A_lock_that_is_not_shared), nameof(MemoryScenarios), nameof(MemoryScenarios.Slots_of_one_slab), "Assert.Equal")]
    [InlineData(nameof(PlantedFaults.An_exchange_that_is_torn), nameof(OpenedKeyScenarios), nameof(OpenedKeyScenarios.Two_sign_and_dispose), "Assert.Equal")]
    [InlineData(
        nameof(PlantedFaults.A_pulse_that_is_missing),
        nameof(WriterScenarios),
        nameof(WriterScenarios.Of_two_rotations_of_one_version_one_wins),
        "Nobody can go on")]
    [InlineData(nameof(PlantedFaults.A_flag_that_is_raised_too_late), nameof(OpenedKeyScenarios), nameof(OpenedKeyScenarios.Sign_and_dispose), "Assert.Equal")]
    public void A_fault_planted_in_the_core_is_found(string fault, string type, string scenario, string expected)
    {
        Action<ModuleDefinition> plant = typeof(PlantedFaults).GetMethod(fault, BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Action<ModuleDefinition>>();
        using RewrittenFixture rewritten = new(plant);

        Exploration found = ScheduleTests.Explore(rewritten, $"{type}.{scenario}");

        output.WriteLine($"{found.Schedules} schedules, {found.Preemptions} preemptions, {found.Schedule}\n{found.Failure}");
        Assert.Contains(expected, found.Failure, StringComparison.Ordinal);
    }
}
