using Microsoft.Extensions.Diagnostics.HealthChecks;
using RonKms.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the keystore's health check.</summary>
public static class RonKmsHealthChecksBuilderExtensions
{
    /// <summary>Adds a check of the keystore that <c>AddRonKms</c> added.</summary>
    /// <remarks>
    /// Failing when the store does not open, or when a write failed and it must be reopened; degraded when the system refused to lock memory.
    /// Its data: <c>location</c>, <c>assurance</c>, <c>keys</c>, <c>head_seq</c> and <c>head</c> of the journal,
    /// <c>writable</c>, <c>memory</c>. It costs no I/O once the store is open.
    /// </remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failing check reports; <see cref="HealthStatus.Unhealthy"/> by default.</param>
    /// <param name="tags">The check's tags.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddRonKms(
        this IHealthChecksBuilder builder, string name = "ronkms", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, services => new KeystoreHealthCheck(services), failureStatus, tags));
    }
}
