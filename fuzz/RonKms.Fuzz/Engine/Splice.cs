using Mono.Cecil.Cil;

namespace RonKms.Fuzz.Engine;

/// <summary>Puts instructions into a method.</summary>
internal static class Splice
{
    /// <summary>Puts instructions before one, so that every branch to it finds them first.</summary>
    internal static void PutBefore(this ILProcessor processor, Instruction place, Instruction first, params ReadOnlySpan<Instruction> rest)
    {
        // The instruction itself becomes the first of them, and a copy of it comes behind.
        Instruction moved = Instruction.Create(OpCodes.Nop);
        (moved.OpCode, moved.Operand) = (place.OpCode, place.Operand);
        (place.OpCode, place.Operand) = (first.OpCode, first.Operand);
        processor.InsertAfter(place, moved);
        for (int i = rest.Length - 1; i >= 0; i--)
        {
            processor.InsertAfter(place, rest[i]);
        }
    }
}
