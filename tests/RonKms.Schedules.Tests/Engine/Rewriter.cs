using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using RonKms.Fuzz.Engine;
using MethodBody = Mono.Cecil.Cil.MethodBody;

namespace RonKms.Schedules.Engine;

/// <summary>Copies an assembly so that what synchronises goes through <see cref="Controlled"/>. What it does not know it refuses.</summary>
internal sealed class Rewriter
{
    /// <summary>Each call is one step; nothing within it is another one.</summary>
    private static readonly HashSet<string> s_steps =
    [
        "System.Threading.Interlocked",
        "System.Threading.Volatile",
        "System.Collections.Concurrent.ConcurrentDictionary`2",
        "System.Collections.Concurrent.ConcurrentQueue`1",
        "System.Lazy`1",
    ];

    /// <summary>What neither waits nor is seen by others.</summary>
    private static readonly HashSet<string> s_harmless =
    [
        "System.Threading.CancellationToken::ThrowIfCancellationRequested",
        "System.Threading.ITimer::Change",
        "System.Threading.Lock::get_IsHeldByCurrentThread",
        "System.Threading.ManualResetEventSlim::Set",
        "System.Threading.SpinWait::get_Count",
        "System.Threading.Thread::set_IsBackground",
        "System.Threading.Tasks.ParallelOptions::set_MaxDegreeOfParallelism",
        "System.Threading.Tasks.ValueTask::get_CompletedTask",
        "System.Threading.Thread::get_CurrentThread",
        "System.Threading.TimerCallback::Invoke",
    ];

    /// <summary>What works on threads of its own, or waits in a way that no trial has needed yet: no trial can use it.</summary>
    private static readonly HashSet<string> s_escapes =
    [
        "System.Threading.ManualResetEventSlim::Wait",
        "System.Threading.Tasks.Parallel::For",
        "System.Linq.ParallelEnumerable::AsParallel",
    ];

    private static readonly HashSet<string> s_watched =
        ["System.Threading", "System.Threading.Tasks", "System.Threading.Channels", "System.Collections.Concurrent"];

    private readonly ModuleDefinition _module;
    private readonly Dictionary<string, MethodReference> _replacements;
    private readonly MethodReference _step;
    private readonly MethodReference _fieldStep;
    private readonly MethodReference _escape;
    private readonly List<string> _unknown = [];

    private Rewriter(ModuleDefinition module)
    {
        _module = module;
        MethodInfo[] methods = typeof(Controlled).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);
        _step = Import(methods.Single(method => method.Name == nameof(Controlled.Step)));
        _fieldStep = Import(methods.Single(method => method.Name == nameof(Controlled.FieldStep)));
        _escape = Import(methods.Single(method => method.Name == nameof(Controlled.Escape)));
        _replacements = methods.Where(method => method.GetParameters().Length > 1).Select(Import).ToDictionary(
            method => Key(method.Name, method.Parameters.SkipLast(1).Select(parameter => parameter.ParameterType)));
    }

    /// <summary>How many calls and accesses of each kind were found.</summary>
    internal Dictionary<string, int> Found { get; } = [];

    /// <summary>Rewrites those types of a module that are asked for.</summary>
    /// <exception cref="NotSupportedException">It uses something that is not known here.</exception>
    internal static Dictionary<string, int> Rewrite(ModuleDefinition module, Predicate<TypeDefinition> isMeant)
    {
        Rewriter rewriter = new(module);
        foreach (MethodDefinition method in module.GetTypes().Where(type => isMeant(type)).SelectMany(type => type.Methods))
        {
            if (method.IsSynchronized)
            {
                rewriter._unknown.Add(method.FullName + ": that it is synchronized");
            }

            if (method.HasBody)
            {
                rewriter.Rewrite(method.Body);
            }
        }

        return rewriter._unknown.Count == 0
            ? rewriter.Found
            : throw new NotSupportedException($"Nothing is known of these: say in {nameof(Rewriter)} what they do.\n{string.Join('\n', rewriter._unknown)}");
    }

    private static string Key(string name, IEnumerable<TypeReference> types) => $"{name}({string.Join(',', types.Select(type => type.FullName))})";

    /// <summary>The name of what stands in a call's place: an instance is its first argument.</summary>
    private static string KeyOf(MethodReference called)
    {
        IEnumerable<TypeReference> types = called.Parameters.Select(parameter => parameter.ParameterType);
        if (called.DeclaringType.FullName == "System.Threading.Lock/Scope")
        {
            return Key(nameof(Controlled.ExitScope), types.Prepend(new ByReferenceType(called.DeclaringType)));
        }

        TypeReference instance = called.DeclaringType.IsValueType ? new ByReferenceType(called.DeclaringType) : called.DeclaringType;
        return called.Name == ".ctor"
            ? Key("New" + called.DeclaringType.Name, types)
            : Key(called.Name, called.HasThis ? types.Prepend(instance) : types);
    }

    private static string NamespaceOf(TypeReference type) => type.DeclaringType is { } outer ? NamespaceOf(outer) : type.Namespace;

    private MethodReference Import(MethodInfo method)
    {
        // The module that holds the engine uses its own copy of it.
        TypeDefinition? own = _module.GetType(typeof(Controlled).FullName);
        MethodReference reference = _module.ImportReference(method);
        return own?.Methods.Single(one => one.FullName == reference.FullName) ?? reference;
    }

    private void Rewrite(MethodBody body)
    {
        // Long branches reach over what is put in.
        body.SimplifyMacros();
        ILProcessor processor = body.GetILProcessor();
        foreach (Instruction instruction in body.Instructions.ToArray())
        {
            string where = $"{body.Method.DeclaringType.Name}.{body.Method.Name}";
            switch (instruction.Operand)
            {
                case MethodReference called when instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj:
                    Rewrite(processor, instruction, called, where);
                    break;

                case CallSite { CallingConvention: MethodCallingConvention.Unmanaged or MethodCallingConvention.C }:
                    PutStep(processor, instruction, _step, $"{where}: a native call");
                    break;

                case FieldReference field when instruction.OpCode.Code is Code.Ldfld or Code.Stfld or Code.Ldsfld or Code.Stsfld:
                    if (instruction.Previous?.OpCode.Code == Code.Volatile)
                    {
                        PutStep(processor, instruction.Previous, _step, $"{where}: volatile {field.Name}");
                    }
                    else if (!body.Method.IsConstructor && IsShared(field))
                    {
                        PutStep(processor, instruction, _fieldStep, $"{where}: field {field.Name}");
                    }

                    break;
            }
        }

        body.OptimizeMacros();
    }

    private void Rewrite(ILProcessor processor, Instruction instruction, MethodReference called, string where)
    {
        TypeReference type = called.DeclaringType.GetElementType();
        string name = $"{type.FullName}::{called.Name}";
        string what = $"{where}: {type.Name}.{called.Name}";
        if (_replacements.TryGetValue(KeyOf(called), out MethodReference? replacement))
        {
            (instruction.OpCode, instruction.Operand) = (OpCodes.Call, replacement);
            PutBefore(processor, instruction, Instruction.Create(OpCodes.Ldstr, what), []);
            Count(name);
        }
        else if (called.Name == ".ctor" || s_harmless.Contains(name))
        {
            // Nobody else knows a new object yet.
        }
        else if (s_steps.Contains(type.FullName))
        {
            PutStep(processor, instruction, _step, what);
            Count(name);
        }
        else if (s_escapes.Contains(name))
        {
            PutStep(processor, instruction, _escape, what);
            Count(name);
        }
        else if (s_watched.Contains(NamespaceOf(type)))
        {
            _unknown.Add($"{where}: {called.FullName}");
        }
        else if (called is MethodDefinition { IsPInvokeImpl: true })
        {
            PutStep(processor, instruction, _step, what);
        }
    }

    private bool IsShared(FieldReference field) =>
        field.DeclaringType.Scope == _module && field.Resolve() is { IsInitOnly: false, DeclaringType: { IsValueType: false, Name: not "<>c" } };

    private void PutStep(ILProcessor processor, Instruction place, MethodReference step, string what) =>
        PutBefore(processor, place, Instruction.Create(OpCodes.Ldstr, what), Instruction.Create(OpCodes.Call, step));

    private static void PutBefore(ILProcessor processor, Instruction place, Instruction first, params Instruction[] rest)
    {
        // What is before a prefix is before what it belongs to.
        while (place.Previous?.OpCode.OpCodeType == OpCodeType.Prefix)
        {
            place = place.Previous;
        }

        processor.PutBefore(place, first, rest);
    }

    private void Count(string name) => Found[name] = Found.GetValueOrDefault(name) + 1;
}
