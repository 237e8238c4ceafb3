using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RonKms.Mutants;

/// <summary>Two statements in the wrong order. Only calls into the store: what must be on the disk before what.</summary>
internal static class StatementOrder
{
    /// <summary>Whether a statement begins here that can change places with the next one: both do nothing but a call, and nothing jumps between them.</summary>
    internal static bool CanSwap(MethodDefinition method, Instruction first) =>
        Statement(method, first) is { } one && Statement(method, one[^1].Next) is { } next
        && !method.Body.Instructions.Any(instruction => TargetsOf(instruction).Contains(next[0]))
        && !method.Body.ExceptionHandlers.Any(handler => BoundsOf(handler).Contains(next[0]));

    internal static void Swap(ILProcessor il, Instruction first)
    {
        MethodDefinition method = il.Body.Method;
        Instruction[] one = Statement(method, first)!, next = Statement(method, one[^1].Next)!;
        foreach (Instruction instruction in one)
        {
            il.Remove(instruction);
        }

        Instruction after = next[^1];
        foreach (Instruction instruction in one)
        {
            il.InsertAfter(after, instruction);
            after = instruction;
        }

        Retarget(il.Body, first, next[0]);
    }

    private static Instruction[]? Statement(MethodDefinition method, Instruction? first)
    {
        HashSet<int> begins = [.. method.DebugInformation.SequencePoints.Select(point => point.Offset)];
        if (first is null || !begins.Contains(first.Offset))
        {
            return null;
        }

        List<Instruction> statement = [first];
        while (statement[^1].Next is { } following && !begins.Contains(following.Offset))
        {
            statement.Add(following);
        }

        return statement.TrueForAll(instruction => instruction.OpCode.FlowControl is FlowControl.Next or FlowControl.Call)
            && statement[^1].Operand is MethodReference { ReturnType.MetadataType: MetadataType.Void, DeclaringType.Namespace: "RonKms.Storage" }
            ? [.. statement]
            : null;
    }

    private static Instruction[] TargetsOf(Instruction instruction) => instruction.Operand switch
    {
        Instruction target => [target],
        Instruction[] targets => targets,
        _ => [],
    };

    private static IEnumerable<Instruction> BoundsOf(ExceptionHandler handler) =>
        new[] { handler.TryStart, handler.TryEnd, handler.FilterStart, handler.HandlerStart, handler.HandlerEnd }.OfType<Instruction>();

    private static void Retarget(MethodBody body, Instruction from, Instruction to)
    {
        foreach (Instruction instruction in body.Instructions.Where(instruction => TargetsOf(instruction).Contains(from)))
        {
            instruction.Operand = instruction.Operand is Instruction[] targets ? Array.ConvertAll(targets, target => target == from ? to : target) : to;
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            handler.TryStart = handler.TryStart == from ? to : handler.TryStart;
            handler.TryEnd = handler.TryEnd == from ? to : handler.TryEnd;
            handler.HandlerStart = handler.HandlerStart == from ? to : handler.HandlerStart;
            handler.HandlerEnd = handler.HandlerEnd == from ? to : handler.HandlerEnd;
        }
    }
}
