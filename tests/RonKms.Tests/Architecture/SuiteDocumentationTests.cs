using System.Reflection;
using System.Xml.Linq;
using RonKms.Testing;

namespace RonKms.Tests.Architecture;

/// <summary>The compiler does not ask the contract suites for documentation, because their tests have names instead; this asks for the rest.</summary>
public sealed class SuiteDocumentationTests
{
    [Fact]
    public void All_but_the_tests_of_the_suites_is_documented()
    {
        Assembly assembly = typeof(SealedStoreContract).Assembly;
        string[] documented = [.. XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").Select(member => Name((string)member.Attribute("name")!))];
        const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        Type[] suites = [.. assembly.GetExportedTypes().Where(type => type.Name.EndsWith("Contract", StringComparison.Ordinal))];
        IEnumerable<string> wanted = suites.Select(type => type.FullName!).Concat(
            from type in suites
            from member in type.GetMembers(Declared)
            where member is PropertyInfo or MethodInfo { IsSpecialName: false } && IsSeen(member) && member.GetCustomAttribute<FactAttribute>(inherit: true) is null
            select $"{type.FullName}.{member.Name}");

        Assert.True(suites.Length >= 8);
        Assert.Empty(wanted.Except(documented));
    }

    private static bool IsSeen(MemberInfo member) => member switch
    {
        MethodInfo method => method.IsPublic || method.IsFamily,
        PropertyInfo property => IsSeen(property.GetMethod!),
        _ => false,
    };

    /// <summary>"M:A.B.C(D)" and "M:A.B.C``1(D)" name A.B.C.</summary>
    private static string Name(string member) => member[2..].Split('(', '`')[0];
}
