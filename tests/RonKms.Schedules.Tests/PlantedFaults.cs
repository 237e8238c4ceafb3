using Mono.Cecil;
using Mono.Cecil.Cil;
using RonKms.Schedules.Seeded;

namespace RonKms.Schedules;

/// <summary>Faults in the core, each made by taking something out of one method.</summary>
internal static class PlantedFaults
{
    /// <summary>Slots are taken under a lock that nobody else knows.</summary>
    internal static void A_lock_that_is_not_shared(ModuleDefinition core)
    {
        ILProcessor processor = BodyOf(core, "RonKms.Memory.SlabClass", "Take");
        Instruction gate = Only(processor, code => code.Operand is FieldReference { Name: "_gate" });
        TypeReference type = ((FieldReference)gate.Operand).FieldType;
        processor.InsertAfter(gate, Instruction.Create(OpCodes.Newobj, new MethodReference(".ctor", core.TypeSystem.Void, type) { HasThis = true }));
        (gate.OpCode, gate.Operand) = (OpCodes.Pop, null);
    }

    /// <summary>Of two who hold a key ready both may be told that they did.</summary>
    internal static void An_exchange_that_is_torn(ModuleDefinition core)
    {
        ILProcessor processor = BodyOf(core, "RonKms.Custody.KeyVersion", "TryHold");
        Instruction exchange = Only(processor, code => code.Operand is MethodReference { Name: nameof(Interlocked.CompareExchange) });
        GenericInstanceMethod torn = new(core.ImportReference(typeof(Torn).GetMethod(nameof(Torn.CompareExchange))));
        torn.GenericArguments.Add(((GenericInstanceMethod)exchange.Operand).GenericArguments[0]);
        exchange.Operand = torn;
    }

    /// <summary>Who waits to be answered is not woken.</summary>
    internal static void A_pulse_that_is_missing(ModuleDefinition core)
    {
        ILProcessor processor = BodyOf(core, "RonKms.Custody.PendingCommit", "Wake");
        Instruction pulse = Only(processor, code => code.Operand is MethodReference { Name: nameof(Monitor.Pulse) });
        (pulse.OpCode, pulse.Operand) = (OpCodes.Pop, null);
    }

    /// <summary>That no key may be held ready any more is said when those that were held are gone.</summary>
    internal static void A_flag_that_is_raised_too_late(ModuleDefinition core)
    {
        ILProcessor processor = BodyOf(core, "RonKms.Custody.OpenedKeys", "Dispose");
        Instruction raised = Only(processor, code => code.OpCode.Code == Code.Stfld && code.Operand is FieldReference { Name: "_disposed" });
        Instruction[] statement = [.. processor.Body.Instructions.TakeWhile(code => code.Previous != raised)];
        Array.ForEach(statement, processor.Remove);
        Instruction end = processor.Body.Instructions[^1];
        Array.ForEach(statement, code => processor.InsertBefore(end, code));
    }

    private static ILProcessor BodyOf(ModuleDefinition core, string type, string method) =>
        core.GetType(type).Methods.Single(one => one.Name == method).Body.GetILProcessor();

    private static Instruction Only(ILProcessor processor, Predicate<Instruction> isMeant) => processor.Body.Instructions.Single(code => isMeant(code));
}
