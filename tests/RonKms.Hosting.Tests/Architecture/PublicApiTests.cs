using Microsoft.Extensions.DependencyInjection;
using RonKms.Tests.Architecture;

namespace RonKms.Hosting.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.RonKms.Hosting.txt, beside this file.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_that_was_reviewed() => PublicApiReview.Check(typeof(RonKmsServiceCollectionExtensions).Assembly);
}
