using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RonKms.Hosting;

/// <summary>Reports how the container's keystore is.</summary>
internal sealed class KeystoreHealthCheck(IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failure)
    {
        KeystoreHealth health;
        try
        {
            // Asked for here and not in the constructor: a store that does not open is something to report.
            Keystore keystore = services.GetRequiredService<KeystoreOwner>().Keystore;
            health = keystore.CheckHealth();
            if (health.IsReadOnly)
            {
                // Whether its store can be seen shows only when somebody looks.
                keystore.Refresh();
                health = keystore.CheckHealth();
            }
        }
        catch (KmsException e)
        {
            return new HealthCheckResult(failure, e.Message, e);
        }

        Dictionary<string, object> data = new()
        {
            ["location"] = health.Location,
            ["assurance"] = health.Assurance,
            ["keys"] = health.Keys,
            ["head_seq"] = health.HeadSeq,
            ["head"] = health.Head,
            ["writable"] = health.IsWritable,
            ["read_only"] = health.IsReadOnly,
            ["memory"] = health.UnlockedBytes == 0 ? "locked" : $"{health.UnlockedBytes} bytes not locked",
        };

        if (!health.IsWritable && !health.IsReadOnly)
        {
            return new HealthCheckResult(failure, "A write failed and its outcome is unknown: reopen the store.", data: data);
        }

        return health.UnlockedBytes > 0
            ? HealthCheckResult.Degraded("The system does not lock all secrets into memory: raise the limit (ulimit -l, LimitMEMLOCK).", data: data)
            : HealthCheckResult.Healthy("The keystore is open.", data);
    }
}
