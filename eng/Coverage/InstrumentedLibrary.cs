using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RonKms.Coverage;

/// <summary>
/// A copy of one of the library's assemblies that notes what of it ran, in a file that is mapped into the memory of every process that loads it:
/// several processes share it, and nothing is lost when one is killed.
/// </summary>
internal static class InstrumentedLibrary
{
    /// <summary>Instruments an assembly.</summary>
    /// <param name="source">Its file; the symbols are beside it.</param>
    /// <param name="target">Where to: NAME.dll, and beside it NAME.probes, a line a probe, and NAME.hits, a byte a probe.</param>
    internal static void Write(string source, string target)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(source, new ReaderParameters { ReadSymbols = true });
        TypeDefinition global = module.GetType("<Module>");
        FieldDefinition hits = new("CoverageHits", FieldAttributes.Assembly | FieldAttributes.Static, new PointerType(module.TypeSystem.Byte));
        List<Probe> probes = [];
        foreach (MethodDefinition method in module.GetTypes().SelectMany(type => type.Methods))
        {
            InstrumentedMethod.Instrument(method, hits, probes);
        }

        string path = Path.GetFullPath(Path.ChangeExtension(target, ".hits"));
        global.Fields.Add(hits);
        global.Methods.Add(Mapping(module, hits, path));
        module.Write(target);
        File.WriteAllLines(Path.ChangeExtension(target, ".probes"), probes.Select(probe => probe.ToText()));
        File.WriteAllBytes(path, new byte[probes.Count]);
        if (!OperatingSystem.IsWindows())
        {
            // Some tests run the library as a user without rights.
            File.SetUnixFileMode(path, (UnixFileMode)0b_110_110_110);
        }
    }

    /// <summary>The module's initializer, which runs before any of its code: maps the file.</summary>
    private static MethodDefinition Mapping(ModuleDefinition module, FieldReference hits, string path)
    {
        MethodDefinition initializer = new(
            ".cctor",
            MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName,
            module.TypeSystem.Void);
        MethodReference Method(Type type, string name, params Type[] parameters) => module.ImportReference(type.GetMethod(name, parameters));
        ILProcessor il = initializer.Body.GetILProcessor();
        il.Emit(OpCodes.Ldstr, path);
        il.Emit(OpCodes.Ldc_I4, (int)FileMode.Open);
        il.Emit(OpCodes.Call, Method(typeof(MemoryMappedFile), nameof(MemoryMappedFile.CreateFromFile), typeof(string), typeof(FileMode)));
        il.Emit(OpCodes.Callvirt, Method(typeof(MemoryMappedFile), nameof(MemoryMappedFile.CreateViewAccessor)));
        il.Emit(OpCodes.Callvirt, Method(typeof(MemoryMappedViewAccessor), "get_" + nameof(MemoryMappedViewAccessor.SafeMemoryMappedViewHandle)));
        il.Emit(OpCodes.Ldsflda, hits);
        // Holds the mapping for as long as the process lives.
        il.Emit(OpCodes.Callvirt, Method(typeof(SafeBuffer), nameof(SafeBuffer.AcquirePointer), typeof(byte*).MakeByRefType()));
        il.Emit(OpCodes.Ret);
        return initializer;
    }
}
