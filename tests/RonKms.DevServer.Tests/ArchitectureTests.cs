using RonKms.Capabilities;
using RonKms.Prometheus;

namespace RonKms.DevServer.Tests;

public sealed class ArchitectureTests
{
    [Theory]
    [InlineData(typeof(Keystore))]
    [InlineData(typeof(Macaroon))]
    [InlineData(typeof(PostQuantumProvider))]
    [InlineData(typeof(PrometheusExporter))]
    [InlineData(typeof(Microsoft.Extensions.DependencyInjection.RonKmsServiceCollectionExtensions))]
    public void No_library_knows_of_HTTP_or_sockets(Type library)
    {
        string[] references = [.. library.Assembly.GetReferencedAssemblies().Select(reference => reference.Name!)];

        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("System.Net", StringComparison.Ordinal));
    }
}
