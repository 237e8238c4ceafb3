using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RonKms.Tests.Architecture;

/// <summary>The tests that sources declare, read as the compiler reads them: what is in a comment, is private or is always skipped is none.</summary>
internal static class DeclaredTests
{
    /// <summary>Finds the tests that a runner finds and runs.</summary>
    /// <param name="sources">Texts of C# files.</param>
    /// <returns>Class.Method, and whether it is explicit: run only where it is asked for. A suite's tests are there where some class derives from it.</returns>
    internal static Dictionary<string, bool> Find(IEnumerable<string> sources)
    {
        ClassDeclarationSyntax[] classes = [.. sources.SelectMany(source => CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())];
        ILookup<string, string> derived =
            (from type in classes
             from parent in type.BaseList?.Types ?? []
             select (Parent: parent.Type.ToString().Split('<')[0].Split('.')[^1], type.Identifier.Text)).ToLookup(pair => pair.Parent, pair => pair.Text);
        HashSet<string> concrete =
            [.. from parts in classes.GroupBy(type => type.Identifier.Text) where parts.Any(IsPublic) && !parts.Any(IsAbstract) select parts.Key];
        return (from type in classes
                where IsRun(type.Identifier.Text)
                from method in type.Members.OfType<MethodDeclarationSyntax>()
                where method.Modifiers.Any(SyntaxKind.PublicKeyword)
                from attribute in method.AttributeLists.SelectMany(list => list.Attributes)
                where attribute.Name.ToString() is "Fact" or "Theory" && !IsSkipped(attribute, method)
                select (Name: $"{type.Identifier.Text}.{method.Identifier.Text}", IsExplicit: Argument(attribute, "Explicit") is "true"))
            .DistinctBy(test => test.Name).ToDictionary(test => test.Name, test => test.IsExplicit);

        bool IsRun(string name) => concrete.Contains(name) || derived[name].Any(IsRun);
    }

    private static bool IsPublic(ClassDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.PublicKeyword);

    private static bool IsAbstract(ClassDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.AbstractKeyword) || type.Modifiers.Any(SyntaxKind.StaticKeyword);

    // Skipped on some condition, it runs where that does not hold.
    private static bool IsSkipped(AttributeSyntax attribute, MethodDeclarationSyntax method) =>
        (Argument(attribute, "Skip") is not null && Argument(attribute, "SkipWhen") is null && Argument(attribute, "SkipUnless") is null)
        || method.Body?.Statements.Any(statement => statement.ToString().StartsWith("Assert.Skip(", StringComparison.Ordinal)) == true
        || method.ExpressionBody?.Expression.ToString().StartsWith("Assert.Skip(", StringComparison.Ordinal) == true;

    private static string? Argument(AttributeSyntax attribute, string name) =>
        attribute.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.Text == name)?.Expression.ToString();
}
