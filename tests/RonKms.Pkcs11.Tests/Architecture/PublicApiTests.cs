using RonKms.Tests.Architecture;

namespace RonKms.Pkcs11.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.RonKms.Pkcs11.txt, beside this file.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_that_was_reviewed() => PublicApiReview.Check(typeof(Pkcs11Token).Assembly);

    [Fact]
    public void It_refers_to_the_platform_and_the_core_alone() => Assert.All(
        typeof(Pkcs11Token).Assembly.GetReferencedAssemblies(),
        assembly => Assert.True(assembly.Name!.StartsWith("System.", StringComparison.Ordinal) || assembly.Name is "RonKms", assembly.Name));
}
