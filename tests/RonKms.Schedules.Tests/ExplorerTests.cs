using System.Reflection;
using System.Runtime.CompilerServices;
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

    [Theory]
    [InlineData(nameof(Unsteady.OneThreadLess), "did not do the same again")]
    [InlineData(nameof(Unsteady.AnotherStep), "a step was")]
    public void What_is_never_the_same_twice_is_not_taken_for_explored(string unsteady, string expected)
    {
        Exploration explored = rewritten.Explore(Method(typeof(Unsteady), unsteady), preemptions: 1, schedules: 1000);

        Assert.Contains(expected, explored.Failure, StringComparison.Ordinal);
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
    public void What_is_not_known_is_refused_however_it_is_used()
    {
        (OpCode, MethodBase)[] unknown =
        [
            (OpCodes.Callvirt, typeof(Barrier).GetMethod(nameof(Barrier.SignalAndWait), [])!),
            (OpCodes.Ldvirtftn, typeof(ManualResetEventSlim).GetMethod(nameof(ManualResetEventSlim.Set))!),
            (OpCodes.Ldftn, typeof(Volatile).GetMethod(nameof(Volatile.Read), [typeof(int).MakeByRefType()])!),
            (OpCodes.Newobj, typeof(Timer).GetConstructor([typeof(TimerCallback)])!),
            (OpCodes.Newobj, typeof(Thread).GetConstructor([typeof(ThreadStart)])!),
            (OpCodes.Call, typeof(GC).GetMethod(nameof(GC.WaitForPendingFinalizers))!),

            // Known by what they pass on alone, and by whose they are.
            (OpCodes.Callvirt, typeof(Stream).GetMethod(nameof(Stream.FlushAsync), [])!),
            (OpCodes.Callvirt, typeof(ILProcessor).GetMethod(nameof(ILProcessor.Clear))!),
        ];
        foreach ((OpCode code, MethodBase method) in unknown)
        {
            string refused = Refused((processor, module) => processor.Emit(code, module.ImportReference(method)));

            Assert.Contains($"Unknown.Use: {code.Name} ", refused, StringComparison.Ordinal);
            Assert.Contains($"{method.DeclaringType!.FullName}::{method.Name}(", refused, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_called_by_an_interface_is_refused_too() =>
        Assert.Contains("Unknown.Use: callvirt System.Void System.IDisposable::Dispose() of System.Threading.CancellationTokenRegistration", Refused((processor, module) =>
        {
            processor.Emit(OpCodes.Constrained, module.ImportReference(typeof(CancellationTokenRegistration)));
            processor.Emit(OpCodes.Callvirt, module.ImportReference(typeof(IDisposable).GetMethod(nameof(IDisposable.Dispose))));
        }), StringComparison.Ordinal);

    [Fact]
    public void A_volatile_field_whose_address_is_taken_is_refused() =>
        Assert.Contains("Unknown.Use: ldsflda ", Refused((processor, module) =>
        {
            TypeReference type = new RequiredModifierType(module.ImportReference(typeof(IsVolatile)), module.TypeSystem.Int32);
            FieldDefinition field = new("It", Mono.Cecil.FieldAttributes.Static, type);
            processor.Body.Method.DeclaringType.Fields.Add(field);
            processor.Emit(OpCodes.Ldsflda, field);
        }), StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_called_harmless_that_is_not_used() =>
        Assert.All(KnownMembers.Harmless, one =>
            Assert.Contains(rewritten.Found.Values.SelectMany(found => found.Keys), name => name.StartsWith(one, StringComparison.Ordinal)));

    private static string Refused(Action<ILProcessor, ModuleDefinition> use)
    {
        using ModuleDefinition module = ModuleDefinition.CreateModule("unknown", ModuleKind.Dll);
        TypeDefinition type = new("", "Unknown", Mono.Cecil.TypeAttributes.Class, module.TypeSystem.Object);
        MethodDefinition method = new("Use", Mono.Cecil.MethodAttributes.Static, module.TypeSystem.Void);
        type.Methods.Add(method);
        module.Types.Add(type);
        use(method.Body.GetILProcessor(), module);

        return Assert.Throws<NotSupportedException>(() => Rewriter.Rewrite(module, _ => true)).Message;
    }

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}
