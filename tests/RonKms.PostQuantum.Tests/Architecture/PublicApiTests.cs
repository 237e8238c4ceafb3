using RonKms.Tests.Architecture;

namespace RonKms.PostQuantum.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.RonKms.PostQuantum.txt, beside this file.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicInterfaceIsTheOneThatWasReviewed() => PublicApiReview.Check(typeof(PostQuantumProvider).Assembly);
}
