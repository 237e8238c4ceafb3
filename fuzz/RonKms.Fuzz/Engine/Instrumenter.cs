using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace RonKms.Fuzz.Engine;

/// <summary>Copies this program, with a call of <see cref="EdgeMap.Hit"/> at the beginning of each block of the library's code.</summary>
internal static class Instrumenter
{
    /// <summary>Of this program's own code, only what is there to be found is watched.</summary>
    private const string OwnNamespace = "RonKms.Fuzz.Planted";

    /// <summary>Copies the program into a directory.</summary>
    /// <returns>The path of the copy's entry.</returns>
    internal static string CopyTo(string directory)
    {
        string self = typeof(Instrumenter).Assembly.Location;
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(self)!))
        {
            string name = Path.GetFileName(file);
            string copy = Path.Combine(directory, name);
            if (name.StartsWith("RonKms", StringComparison.Ordinal) && name.EndsWith(".dll", StringComparison.Ordinal))
            {
                Instrument(file, copy);
            }
            else if (!name.EndsWith(".pdb", StringComparison.Ordinal))
            {
                File.Copy(file, copy);
            }
        }

        return Path.Combine(directory, Path.GetFileName(self));
    }

    private static void Instrument(string source, string destination)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(source);
        bool isSelf = module.GetType(typeof(EdgeMap).FullName) is not null;
        MethodReference hit = isSelf
            ? module.GetType(typeof(EdgeMap).FullName).Methods.Single(method => method.Name == nameof(EdgeMap.Hit))
            : module.ImportReference(typeof(EdgeMap).GetMethod(nameof(EdgeMap.Hit)));

        // The same blocks have the same numbers in every run.
        uint number = (uint)module.Assembly.Name.Name.Sum(c => c);
        foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods))
        {
            if (method.HasBody && (!isSelf || Namespace(method.DeclaringType) == OwnNamespace))
            {
                Instrument(method.Body, hit, ref number);
            }
        }

        module.Write(destination);
    }

    private static string Namespace(TypeDefinition type) => type.DeclaringType is { } outer ? Namespace(outer) : type.Namespace;

    private static void Instrument(MethodBody body, MethodReference hit, ref uint number)
    {
        // Long branches reach over what is put in.
        body.SimplifyMacros();
        List<Instruction> leaders = [.. Leaders(body)];
        ILProcessor processor = body.GetILProcessor();
        foreach (Instruction leader in leaders)
        {
            int place = (int)(Scatter(number++) % EdgeMap.Size);
            processor.PutBefore(leader, Instruction.Create(OpCodes.Ldc_I4, place), Instruction.Create(OpCodes.Call, hit));
        }

        body.OptimizeMacros();
    }

    /// <summary>The first instruction, those that are branched to, those behind a branch, and the first of each handler.</summary>
    private static HashSet<Instruction> Leaders(MethodBody body)
    {
        HashSet<Instruction> leaders = [body.Instructions[0]];
        foreach (Instruction instruction in body.Instructions)
        {
            switch (instruction.Operand)
            {
                case Instruction target: leaders.Add(target); break;
                case Instruction[] targets: leaders.UnionWith(targets); break;
                default: break;
            }

            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is { } next)
            {
                leaders.Add(next);
            }
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            leaders.Add(handler.HandlerStart);
            if (handler.FilterStart is { } filter)
            {
                leaders.Add(filter);
            }
        }

        return leaders;
    }

    /// <summary>Spreads the blocks' numbers over the counters: the finalizer of MurmurHash3.</summary>
    private static uint Scatter(uint number)
    {
        number ^= number >> 16;
        number *= 0x85EBCA6B;
        number ^= number >> 13;
        number *= 0xC2B2AE35;
        return number ^ (number >> 16);
    }
}
