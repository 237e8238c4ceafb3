using RonKms.Tests.Architecture;

namespace RonKms.Prometheus.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.RonKms.Prometheus.txt, beside this file.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_that_was_reviewed() => PublicApiReview.Check(typeof(PrometheusExporter).Assembly);
}
