using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RonKms.Coverage;

/// <summary>Puts a store of one byte before each statement of a method and on each way out of its branches.</summary>
internal sealed partial class InstrumentedMethod
{
    private readonly MethodBody _body;
    private readonly FieldReference _hits;
    private readonly List<Probe> _probes;
    private readonly ILProcessor _processor;
    private readonly string _name;

    private InstrumentedMethod(MethodDefinition method, FieldReference hits, List<Probe> probes)
    {
        _body = method.Body;
        _hits = hits;
        _probes = probes;
        _processor = _body.GetILProcessor();
        _name = NameOf(method);
    }

    /// <summary>Instruments a method, if it was written by somebody: generated code is left as it is.</summary>
    /// <param name="method">The method.</param>
    /// <param name="hits">The field that has the address of the bytes.</param>
    /// <param name="probes">Where the probes are added, in the order of their numbers.</param>
    internal static void Instrument(MethodDefinition method, FieldReference hits, List<Probe> probes)
    {
        if (method.HasBody && method.DebugInformation.HasSequencePoints)
        {
            new InstrumentedMethod(method, hits, probes).Run(method.DebugInformation.SequencePoints);
        }
    }

    private void Run(IEnumerable<SequencePoint> points)
    {
        Dictionary<int, SequencePoint> pointAt = points.ToDictionary(point => point.Offset);
        (Instruction Instruction, SequencePoint? Begins, SequencePoint? Within)[] instructions = new (Instruction, SequencePoint?, SequencePoint?)[_body.Instructions.Count];
        SequencePoint? current = null;
        for (int i = 0; i < instructions.Length; i++)
        {
            Instruction instruction = _body.Instructions[i];
            SequencePoint? begins = pointAt.GetValueOrDefault(instruction.Offset);
            current = begins ?? current;
            instructions[i] = (instruction, begins, current);
        }

        // Long branches reach over what is put in.
        _body.SimplifyMacros();
        foreach ((Instruction instruction, SequencePoint? begins, SequencePoint? within) in instructions)
        {
            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && FileOf(within) is { } branching && !IsCompilers(instruction))
            {
                Branch(instruction, branching, within!.StartLine);
            }

            if (FileOf(begins) is { } file)
            {
                Statement(instruction, new Probe(false, file, _name, begins!.StartLine, begins.EndLine));
            }
        }

        _body.OptimizeMacros();
    }

    /// <summary>The name that was written: a property's without get_, "ctor" of a constructor, and of what the compiler made out of a method (lambdas, iterators,
    /// async) that method's.</summary>
    private static string NameOf(MethodDefinition method)
    {
        string name = method.Name == "MoveNext" ? method.DeclaringType.Name : method.Name;
        name = Written().Match(name) is { Success: true } written ? written.Groups[1].Value : method.Name;
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal) ? name[4..] : name;
    }

    /// <summary>The source file of a statement; null where the compiler or a generator made it.</summary>
    private static string? FileOf(SequencePoint? point)
    {
        if (point is null || point.IsHidden)
        {
            return null;
        }

        string path = point.Document.Url.Replace('\\', '/');
        int start = path.LastIndexOf("/src/", StringComparison.Ordinal);
        return start < 0 || path.Contains("/obj/", StringComparison.Ordinal) ? null : path[(start + 1)..];
    }

    /// <summary>Whether nobody wrote this branch: the one that keeps a delegate, and the one of await.</summary>
    private static bool IsCompilers(Instruction branch) =>
        (branch.Previous is { OpCode.Code: Code.Dup, Previous: { OpCode.Code: Code.Ldsfld, Operand: FieldReference field } } &&
            (field.Name.StartsWith('<') || field.DeclaringType.Name.StartsWith('<'))) ||
        (branch.Previous is { Operand: MethodReference { Name: "get_IsCompleted" } });

    private void Statement(Instruction instruction, Probe probe)
    {
        // The instruction itself becomes the first of the probe, so that every branch to it finds the probe; a copy of it comes behind.
        Instruction moved = Instruction.Create(OpCodes.Nop);
        moved.OpCode = instruction.OpCode;
        moved.Operand = instruction.Operand;
        Instruction[] hit = Hit(probe);
        instruction.OpCode = hit[0].OpCode;
        instruction.Operand = hit[0].Operand;
        InsertAfter(instruction, [.. hit[1..], moved]);
    }

    private void Branch(Instruction branch, string file, int line)
    {
        Probe probe = new(true, file, _name, line, line);
        List<Instruction> inserted = [.. Hit(probe), Instruction.Create(OpCodes.Br, branch.Next)];
        Dictionary<Instruction, Instruction> detours = [];
        Instruction Detour(Instruction target)
        {
            if (!detours.TryGetValue(target, out Instruction? detour))
            {
                Instruction[] hit = Hit(probe);
                detour = hit[0];
                detours.Add(target, detour);
                inserted.AddRange([.. hit, Instruction.Create(OpCodes.Br, target)]);
            }

            return detour;
        }

        branch.Operand = branch.Operand is Instruction[] targets ? targets.Select(Detour).ToArray() : Detour((Instruction)branch.Operand);
        InsertAfter(branch, inserted);
    }

    private Instruction[] Hit(Probe probe)
    {
        _probes.Add(probe);
        return
        [
            Instruction.Create(OpCodes.Ldsfld, _hits),
            Instruction.Create(OpCodes.Ldc_I4, _probes.Count - 1),
            Instruction.Create(OpCodes.Add),
            Instruction.Create(OpCodes.Ldc_I4_1),
            Instruction.Create(OpCodes.Stind_I1),
        ];
    }

    private void InsertAfter(Instruction place, IEnumerable<Instruction> instructions)
    {
        foreach (Instruction instruction in instructions)
        {
            _processor.InsertAfter(place, instruction);
            place = instruction;
        }
    }

    // As in <Open>b__0, <Open>g__Local|1_0, <Open>d__3.
    [GeneratedRegex("^<+([^<>]+)>")]
    private static partial Regex Written();
}
