using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;
using RonKms.Schedules.Engine;
using RonKms.Schedules.Seeded;

namespace RonKms.Schedules;

/// <summary>The explorer finds what it is there to find, and nothing else.</summary>
public sealed class ExplorerTests(RewrittenFixture rewritten, ITestOutputHelper output) : IClassFixture<RewrittenFixture>
{
    [Theory]
    [InlineData(nameof(Races.LostUpdate), "Expected: 2")]
    [InlineData(nameof(Races.CheckThenAct), "Assert.Single")]
    [InlineData(nameof(Races.LockOrder), "Nobody can go on")]
    [InlineData(nameof(Races.LostWakeup), "Nobody can go on")]
    [InlineData(nameof(Races.PublishedTooEarly), "Expected: 1")]
    [InlineData(nameof(Races.TornPair), "Assert.Equal")]
    [InlineData(nameof(Races.WriterLeftOut), "Expected: 2")]
    [InlineData(nameof(Races.StartedThread), "Expected: 2")]
    public void A_seeded_fault_is_found_and_its_schedule_shows_it_again(string fault, string expected)
    {
        MethodInfo method = Method(typeof(Races), fault);

        Exploration found = rewritten.Explore(method, preemptions: 2, schedules: 1000);
        output.WriteLine($"{found.Schedules} schedules, {found.Preemptions} preemptions, {found.Schedule}\n{found.Failure}");
        Assert.Contains(expected, found.Failure, StringComparison.Ordinal);
        Assert.NotNull(found.Schedule);

        Exploration again = rewritten.Explore(method, preemptions: 0, schedules: 0, found.Schedule);
        Assert.Equal(found.Failure, again.Failure);
        Assert.Equal(found.Schedule, again.Schedule);
    }

    [Theory]
    [InlineData(nameof(Sound.Update))]
    [InlineData(nameof(Sound.Wakeup))]
    [InlineData(nameof(Sound.Readers))]
    [InlineData(nameof(Sound.Timeout))]
    public void What_has_no_fault_is_explored_to_its_end(string sound)
    {
        Exploration explored = rewritten.Explore(Method(typeof(Sound), sound), preemptions: 3, schedules: 10_000);

        output.WriteLine($"{explored.Schedules} schedules");
        Assert.Null(explored.Failure);
        Assert.True(explored.IsWhole);
    }

    [Fact]
    public void What_is_cut_off_says_so()
    {
        Exploration explored = rewritten.Explore(Method(typeof(Sound), nameof(Sound.Readers)), preemptions: 3, schedules: 5);

        Assert.Equal((5, false), (explored.Schedules, explored.IsWhole));
    }

    [Fact]
    public void A_schedule_of_something_else_is_refused()
    {
        Exploration followed = rewritten.Explore(Method(typeof(Sound), nameof(Sound.Update)), 0, 0, "AZ");

        Assert.Contains("did not do the same again", followed.Failure, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Schedule.Parse("A-1"));
    }

    [Fact]
    public void What_is_never_the_same_twice_is_not_taken_for_explored()
    {
        Exploration explored = rewritten.Explore(Method(typeof(Unsteady), nameof(Unsteady.OneThreadLess)), preemptions: 1, schedules: 1000);

        Assert.Contains("did not do the same again", explored.Failure, StringComparison.Ordinal);
        Assert.False(explored.IsWhole);
    }

    [Theory]
    [InlineData("RonKms")]
    [InlineData("RonKms.Pkcs11")]
    public void The_library_that_is_explored_is_a_rewritten_copy(string library)
    {
        Assert.True(rewritten.Found[library].Where(found => found.Key.Contains("Interlocked", StringComparison.Ordinal)).Sum(found => found.Value) > 0);
        Assert.True(rewritten.Found[library].Values.Sum() > 20);
        Assert.NotEqual(AppContext.BaseDirectory, rewritten.PlaceOf(library) + Path.DirectorySeparatorChar);
    }

    [Fact]
    public void A_primitive_that_is_not_known_is_refused()
    {
        using ModuleDefinition module = ModuleDefinition.CreateModule("unknown", ModuleKind.Dll);
        TypeDefinition type = new("", "Unknown", Mono.Cecil.TypeAttributes.Class, module.TypeSystem.Object);
        MethodDefinition method = new("Wait", Mono.Cecil.MethodAttributes.Static, module.TypeSystem.Void);
        ILProcessor processor = method.Body.GetILProcessor();
        processor.Emit(OpCodes.Ldnull);
        processor.Emit(OpCodes.Callvirt, module.ImportReference(typeof(Barrier).GetMethod(nameof(Barrier.SignalAndWait), [])));
        processor.Emit(OpCodes.Ret);
        type.Methods.Add(method);
        module.Types.Add(type);

        NotSupportedException refused = Assert.Throws<NotSupportedException>(() => Rewriter.Rewrite(module, _ => true));

        Assert.Contains("Barrier::SignalAndWait", refused.Message, StringComparison.Ordinal);
    }

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}
