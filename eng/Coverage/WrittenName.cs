using System.Text.RegularExpressions;
using Mono.Cecil;

namespace RonKms.Coverage;

/// <summary>Methods' names as they stand in the source.</summary>
internal static partial class WrittenName
{
    /// <summary>The name that was written: a property's without get_, "ctor" of a constructor, and of what the compiler made out of a method (lambdas, iterators,
    /// async) that method's.</summary>
    internal static string Of(MethodDefinition method)
    {
        string name = method.Name == "MoveNext" ? method.DeclaringType.Name : method.Name;
        name = Written().Match(name) is { Success: true } written ? written.Groups[1].Value : method.Name;
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal) ? name[4..] : name;
    }

    // As in <Open>b__0, <Open>g__Local|1_0, <Open>d__3.
    [GeneratedRegex("^<+([^<>]+)>")]
    private static partial Regex Written();
}
