using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RonKms.Snippets;

/// <summary>A C# block as a program of its own.</summary>
internal static class CSharpSnippet
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Text;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using RonKms;
        """;

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>Compiles blocks that belong together, in order, into one program, or into a library where they are types alone.</summary>
    /// <returns>The compiler's errors; none when the file was written.</returns>
    public static string[] Compile(IEnumerable<Block> blocks, string assemblyPath)
    {
        // With #line the compiler's messages point into the document.
        string source = string.Join('\n', blocks.Select(b => $"#line {b.Line + 1} \"{b.Path}\"\n{b.Text}"));
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        SyntaxTree program = CSharpSyntaxTree.ParseText(source, parse);
        OutputKind kind = program.GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax)
            ? OutputKind.ConsoleApplication
            : OutputKind.DynamicallyLinkedLibrary;
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(assemblyPath),
            [CSharpSyntaxTree.ParseText(Usings, parse), program],
            References,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.Emit(assemblyPath).Diagnostics
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => d.ToString())];
    }

    /// <summary>Runs a compiled block in this process; only called in a process started for it.</summary>
    public static int Run(string assemblyPath)
    {
        MethodInfo main = AssemblyLoadContext.Default.LoadFromAssemblyPath(assemblyPath).EntryPoint
            ?? throw new InvalidOperationException("there is no statement to run: mark the block no-run");
        object? result = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null);
        return result is int code ? code : 0;
    }
}
