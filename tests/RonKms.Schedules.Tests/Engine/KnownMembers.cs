using Mono.Cecil;

namespace RonKms.Schedules.Engine;

/// <summary>What the members of .NET, and of others' libraries, mean to a schedule; but for those in whose place <see cref="Controlled"/> has something.</summary>
/// <remarks>A name is a type, "::" and a member. Each entry stands for all names that begin so.</remarks>
internal static class KnownMembers
{
    /// <summary>Types that can wait, schedule, make memory seen by others, or call by reflection what does. Whatever is of them, takes or gives one must
    /// be known below.</summary>
    private static readonly string[] s_watched =
    [
        "System.Threading.",
        "System.Collections.Concurrent.",
        "System.Runtime.CompilerServices.",
        "System.Timers.",
        "System.ComponentModel.",
        "System.Net.",
        "System.IO.Pipes.",
        "System.IO.FileSystemWatcher",
        "System.Diagnostics.Process",
        "System.Runtime.InteropServices.PosixSignal",
        "System.Linq.Parallel",
        "System.Collections.Generic.IAsync",
        "System.Collections.Immutable.ImmutableInterlocked",
        "System.IAsync",
        "System.Activator",
        "System.Reflection.Method",
        "System.Reflection.ConstructorInfo",
        "System.Reflection.FieldInfo",
        "System.Reflection.PropertyInfo",
        "System.AsyncCallback",
        "System.AppDomain",
        "System.Console",
        "System.GC",
        "System.Lazy",
        "System.Progress",
        "System.WeakReference",
    ];

    /// <summary>Each call is one step; nothing within it is another one.</summary>
    private static readonly string[] s_steps =
    [
        "System.Threading.CancellationToken::",
        "System.Threading.Interlocked::",
        "System.Threading.ManualResetEventSlim::Set",
        "System.Threading.Volatile::",
        "System.Collections.Concurrent.ConcurrentDictionary`2::",
        "System.Collections.Concurrent.ConcurrentQueue`1::",
        "System.Lazy`1::get_Value",
    ];

    /// <summary>What works on threads of its own: no trial can use it.</summary>
    private static readonly string[] s_escapes = ["System.Threading.Tasks.Parallel::For", "System.Linq.ParallelEnumerable::", "System.Delegate::DynamicInvoke"];

    /// <summary>What is harmless, because …</summary>
    internal static readonly string[] Harmless =
    [
        // … nobody else knows a new object yet.
        "System.Threading.Lock::.ctor",
        "System.Threading.ManualResetEventSlim::.ctor",
        "System.Threading.ReaderWriterLockSlim::.ctor",
        "System.Threading.Tasks.ParallelOptions::",
        "System.Collections.Concurrent.ConcurrentDictionary`2::.ctor",
        "System.Collections.Concurrent.ConcurrentQueue`1::.ctor",
        "System.Lazy`1::.ctor",

        // … it names a method of the copies, which is rewritten itself, and waits for nothing.
        "System.Threading.ThreadStart::",
        "System.Threading.TimerCallback::",

        // … a timer fires on the thread that moves the trial's clock; by the system's clock none is due as long as a trial lasts.
        "System.TimeProvider::CreateTimer",
        "System.Threading.ITimer::Change",

        // … it is done or constant.
        "System.Threading.Tasks.ValueTask::get_CompletedTask",
        "System.Threading.Timeout::InfiniteTimeSpan",

        // … it concerns the calling thread alone, or one that was not started.
        "System.Threading.Lock::get_IsHeldByCurrentThread",
        "System.Threading.Thread::set_IsBackground",

        // … nobody is inside any more.
        "System.Threading.ReaderWriterLockSlim::Dispose",

        // … it is what the compiler makes of spans, arrays and texts.
        "System.Runtime.CompilerServices.DefaultInterpolatedStringHandler::",
        "System.Runtime.CompilerServices.RuntimeHelpers::CreateSpan",
        "System.Runtime.CompilerServices.RuntimeHelpers::EnsureSufficientExecutionStack",
        "System.Runtime.CompilerServices.RuntimeHelpers::GetSubArray",
        "System.Runtime.CompilerServices.RuntimeHelpers::InitializeArray",
        "System.Runtime.CompilerServices.Unsafe::",

        // … it allocates, or tells the collector something.
        "System.GC::AllocateArray",
        "System.GC::AllocateUninitializedArray",
        "System.GC::SuppressFinalize",

        // … a trial logs nowhere, and asserts on its own thread.
        "Microsoft.Extensions.Logging.",
        "Xunit.Assert::",
    ];

    internal static bool IsWatched(TypeReference type) => Begins(type.FullName, s_watched);

    /// <summary>Whether something watched is among what a method takes and gives.</summary>
    internal static bool PassesWatched(MethodReference method) =>
        method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType).Any(type =>
            Array.Exists(s_watched, one => type.FullName.Contains(one, StringComparison.Ordinal)) && !IsHarmless(type.GetElementType().FullName + "::"));

    internal static bool IsStep(string name) => Begins(name, s_steps);

    internal static bool Escapes(string name) => Begins(name, s_escapes);

    internal static bool IsHarmless(string name) => Begins(name, Harmless);

    private static bool Begins(string name, string[] beginnings) => Array.Exists(beginnings, one => name.StartsWith(one, StringComparison.Ordinal));
}
