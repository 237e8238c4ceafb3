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
    private readonly ModuleDefinition _module;
    private readonly string[] _copies;
    private readonly Dictionary<string, MethodReference> _replacements;
    private readonly MethodReference _step;
    private readonly MethodReference _fieldStep;
    private readonly MethodReference _escape;
    private readonly List<string> _unknown = [];

    private Rewriter(ModuleDefinition module, string[] copies)
    {
        _module = module;
        _copies = copies;
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
    /// <param name="module">The module.</param>
    /// <param name="isMeant">Whether a type is asked for.</param>
    /// <param name="copies">The other assemblies that are rewritten.</param>
    /// <exception cref="NotSupportedException">It uses something that is not known here.</exception>
    internal static Dictionary<string, int> Rewrite(ModuleDefinition module, Predicate<TypeDefinition> isMeant, params string[] copies)
    {
        Rewriter rewriter = new(module, copies);
        foreach (MethodDefinition method in module.GetTypes().Where(type => isMeant(type)).SelectMany(type => type.Methods))
        {
            if (method.IsSynchronized)
            {
                rewriter.Refuse(method.FullName, "that it is synchronized");
            }

            if (method.HasBody)
            {
                rewriter.Rewrite(method.Body);
            }
        }

        return rewriter._unknown.Count == 0
            ? rewriter.Found
            : throw new NotSupportedException($"Nothing is known of these: say in {nameof(KnownMembers)} what they do.\n{string.Join('\n', rewriter._unknown)}");
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
                case MethodReference called:
                    Rewrite(processor, instruction, called, where);
                    break;

                case CallSite { CallingConvention: not (MethodCallingConvention.Default or MethodCallingConvention.Generic) }:
                    PutStep(processor, instruction, _step, $"{where}: a native call");
                    break;

                case FieldReference field:
                    Rewrite(processor, instruction, field, where);
                    break;
            }

            if (instruction.OpCode.Code == Code.Volatile)
            {
                PutStep(processor, instruction, _step, $"{where}: volatile {(instruction.Next.Operand as FieldReference)?.Name}");
            }
        }

        body.OptimizeMacros();
    }

    private void Rewrite(ILProcessor processor, Instruction instruction, MethodReference called, string where)
    {
        bool isCall = instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj;

        // By an interface, on a value whose type is known.
        TypeReference? constrained = instruction.Previous is { OpCode.Code: Code.Constrained, Operand: TypeReference it } && IsWatched(it) ? it : null;
        TypeReference type = (constrained ?? called.DeclaringType).GetElementType();
        string name = $"{type.FullName}::{called.Name}";
        string what = $"{where}: {type.Name}.{called.Name}";
        if (isCall && _replacements.TryGetValue(KeyOf(called), out MethodReference? replacement))
        {
            (instruction.OpCode, instruction.Operand) = (OpCodes.Call, replacement);
            PutBefore(processor, instruction, Instruction.Create(OpCodes.Ldstr, what), []);
            Count(name);
        }
        else if (KnownMembers.IsHarmless(name))
        {
            Count(name);
        }
        else if (isCall && KnownMembers.IsStep(name))
        {
            PutStep(processor, instruction, _step, what);
            Count(name);
        }
        else if (isCall && KnownMembers.Escapes(name))
        {
            PutStep(processor, instruction, _escape, what);
            Count(name);
        }
        else if (isCall && called is MethodDefinition { IsPInvokeImpl: true })
        {
            PutStep(processor, instruction, _step, what);
        }
        else if (called is MethodDefinition { IsPInvokeImpl: true } || IsWatched(type) || (!IsCopied(type) && KnownMembers.PassesWatched(called.GetElementMethod())))
        {
            Refuse(where, $"{instruction.OpCode.Name} {called.FullName}{(constrained is null ? "" : $" of {constrained.FullName}")}");
        }
    }

    private void Rewrite(ILProcessor processor, Instruction instruction, FieldReference field, string where)
    {
        string name = $"{field.DeclaringType.GetElementType().FullName}::{field.Name}";
        bool isVolatile = field.FieldType is RequiredModifierType;
        if (KnownMembers.IsHarmless(name))
        {
            Count(name);
        }
        else if (IsWatched(field.DeclaringType) || (isVolatile && instruction.Previous?.OpCode.Code != Code.Volatile))
        {
            Refuse(where, $"{instruction.OpCode.Name} {field.FullName}");
        }
        else if (!isVolatile && instruction.OpCode.Code != Code.Ldtoken && !processor.Body.Method.IsConstructor && IsShared(field))
        {
            PutStep(processor, instruction, _fieldStep, $"{where}: field {field.Name}");
        }
    }

    /// <summary>Whether a type is of what must be known: all that is not .NET's, too, and no copy.</summary>
    private bool IsWatched(TypeReference type) =>
        !IsCopied(type) && (KnownMembers.IsWatched(type) || !((AssemblyNameReference)type.Scope).Name.StartsWith("System", StringComparison.Ordinal));

    private bool IsCopied(TypeReference type) => type.Scope is not AssemblyNameReference assembly || _copies.Contains(assembly.Name);

    private void Refuse(string where, string what) => _unknown.Add($"{where}: {what}");

    // A field of no type is no C#: it counts coverage, before every statement of a copy that was made for that.
    private bool IsShared(FieldReference field) =>
        field.DeclaringType.Scope == _module && field.Resolve() is { IsInitOnly: false, DeclaringType: { IsValueType: false, Name: not ("<>c" or "<Module>") } };

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
