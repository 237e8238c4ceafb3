using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RonKms.Mutants;

/// <summary>The changes that are made to an instruction: the mistakes of a programmer, or of somebody who removes a check.</summary>
internal static class InstructionChanges
{
    private static readonly Dictionary<Code, OpCode> s_opposite = Both(
        (OpCodes.Brtrue, OpCodes.Brfalse), (OpCodes.Beq, OpCodes.Bne_Un), (OpCodes.Blt, OpCodes.Bge), (OpCodes.Bgt, OpCodes.Ble),
        (OpCodes.Blt_Un, OpCodes.Bge_Un), (OpCodes.Bgt_Un, OpCodes.Ble_Un));

    private static readonly Dictionary<Code, OpCode> s_nextTo = Both(
        (OpCodes.Blt, OpCodes.Ble), (OpCodes.Bgt, OpCodes.Bge), (OpCodes.Blt_Un, OpCodes.Ble_Un), (OpCodes.Bgt_Un, OpCodes.Bge_Un));

    private static readonly Dictionary<Code, OpCode> s_reversed = Both(
        (OpCodes.Clt, OpCodes.Cgt), (OpCodes.Clt_Un, OpCodes.Cgt_Un));

    private static readonly Dictionary<Code, OpCode> s_arithmetic = new(Both(
        (OpCodes.Add, OpCodes.Sub), (OpCodes.And, OpCodes.Or), (OpCodes.Shl, OpCodes.Shr_Un), (OpCodes.Add_Ovf, OpCodes.Sub_Ovf)))
    {
        [Code.Xor] = OpCodes.Or,
        [Code.Shr] = OpCodes.Shl,
        [Code.Mul] = OpCodes.Add,
    };

    /// <summary>The changes of an instruction of a method whose short forms were made long.</summary>
    /// <returns>For each, what it is and what makes it.</returns>
    internal static IEnumerable<(string Change, Action<ILProcessor> Make)> Of(MethodDefinition method, Instruction instruction)
    {
        Code code = instruction.OpCode.Code;
        if (s_opposite.TryGetValue(code, out OpCode opposite) && !KeepsDelegate(instruction))
        {
            yield return ("the opposite branch", _ => instruction.OpCode = opposite);
        }

        if (s_nextTo.TryGetValue(code, out OpCode nextTo))
        {
            yield return ("off by one", _ => instruction.OpCode = nextTo);
        }

        if (code is Code.Ceq or Code.Clt or Code.Cgt or Code.Clt_Un or Code.Cgt_Un)
        {
            yield return ("the opposite", il => Negate(il, instruction));
        }

        if (s_reversed.TryGetValue(code, out OpCode reversed) && instruction.Previous.OpCode.Code is not (Code.Ldnull or Code.Ldc_I4))
        {
            yield return ("off by one", il => Negate(il, instruction, reversed));
        }

        if (s_arithmetic.TryGetValue(code, out OpCode other))
        {
            yield return ($"{instruction.OpCode.Name} for {other.Name}".Replace(".un", "", StringComparison.Ordinal), _ => instruction.OpCode = other);
        }

        if (code == Code.Ldc_I4 && !IsOfText(instruction) && !IsState(instruction.Next) && instruction.Next.OpCode.Code != Code.Ceq)
        {
            int value = (int)instruction.Operand;
            int changed = value is 0 or 1 ? value ^ 1 : unchecked(value + 1);
            yield return ($"{changed} for {value}", _ => instruction.Operand = changed);
        }

        if (instruction.Operand is MethodReference called && code is Code.Call or Code.Callvirt && IsAct((MethodReference)instruction.Operand))
        {
            yield return ($"without {called.DeclaringType.Name.Split('`')[0]}.{called.Name}", il => Drop(il, instruction, called));
        }

        if (code == Code.Ret && method.ReturnType.MetadataType == MetadataType.Boolean)
        {
            yield return ("returns the opposite", il => NegateBefore(il, instruction));
        }

        if (StatementOrder.CanSwap(method, instruction))
        {
            yield return ("after the next statement", il => StatementOrder.Swap(il, instruction));
        }
    }

    private static Dictionary<Code, OpCode> Both(params (OpCode One, OpCode Other)[] pairs) =>
        pairs.SelectMany(pair => new[] { pair, (pair.Other, pair.One) }).ToDictionary(pair => pair.Item1.Code, pair => pair.Item2);

    /// <summary>Whether it is the compiler's branch around the making of a delegate.</summary>
    private static bool KeepsDelegate(Instruction branch) => branch.Previous is { OpCode.Code: Code.Dup, Previous.OpCode.Code: Code.Ldsfld };

    /// <summary>Whether a constant only says how long a message may become.</summary>
    private static bool IsOfText(Instruction constant) =>
        IsText(constant.Next) || IsText(constant.Next.Next);

    /// <summary>Whether the compiler notes there how far an iterator has come.</summary>
    private static bool IsState(Instruction store) => store.Operand is FieldReference { Name: "<>1__state" };

    private static bool IsText(Instruction? instruction) => instruction?.Operand is MethodReference { Name: ".ctor" } made && IsText(made);

    private static bool IsText(MethodReference method) => method.DeclaringType.Name == "DefaultInterpolatedStringHandler";

    private static bool IsAct(MethodReference called) =>
        called.ReturnType.MetadataType == MetadataType.Void && called.Name != ".ctor" && !IsText(called);

    private static void Negate(ILProcessor il, Instruction instruction, OpCode? comparison = null)
    {
        instruction.OpCode = comparison ?? instruction.OpCode;
        Instruction zero = Instruction.Create(OpCodes.Ldc_I4_0);
        il.InsertAfter(instruction, zero);
        il.InsertAfter(zero, Instruction.Create(OpCodes.Ceq));
    }

    private static void NegateBefore(ILProcessor il, Instruction ret)
    {
        // In place, for the branches that lead to it.
        ret.OpCode = OpCodes.Ldc_I4_0;
        Instruction equal = Instruction.Create(OpCodes.Ceq);
        il.InsertAfter(ret, equal);
        il.InsertAfter(equal, Instruction.Create(OpCodes.Ret));
    }

    private static void Drop(ILProcessor il, Instruction call, MethodReference called)
    {
        if (call.Previous?.OpCode.Code == Code.Constrained)
        {
            call.Previous.OpCode = OpCodes.Nop;
            call.Previous.Operand = null;
        }

        int arguments = called.Parameters.Count + (called.HasThis ? 1 : 0);
        call.OpCode = OpCodes.Nop;
        call.Operand = null;
        for (int i = 0; i < arguments; i++)
        {
            il.InsertAfter(call, Instruction.Create(OpCodes.Pop));
        }
    }
}
