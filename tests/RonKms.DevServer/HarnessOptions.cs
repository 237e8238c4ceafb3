using System.Globalization;
using RonKms.Capabilities;

namespace RonKms.DevServer;

/// <summary>What one run of the harness is told.</summary>
internal sealed record HarnessOptions
{
    /// <summary>Where it listens, on 127.0.0.1 alone; 0 for a free port.</summary>
    internal int Port { get; init; } = 8080;

    /// <summary>Who gets a root capability.</summary>
    internal IReadOnlyList<string> Tenants { get; init; } = ["auth"];

    /// <summary>Which algorithms are chosen where a request names none.</summary>
    internal PqMode PqMode { get; init; }

    /// <summary>How many requests are worked on at once.</summary>
    internal int MaxConcurrency { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>How many more wait; the next one is refused.</summary>
    internal int MaxQueue { get; init; } = 64;

    /// <summary>Reads the environment variables PORT, TENANTS (with commas between) and RON_KMS_PQ_MODE.</summary>
    /// <exception cref="ArgumentException">One of them, or another RON_KMS_ variable, has a value that is not allowed.</exception>
    internal static HarnessOptions FromEnvironment()
    {
        KeystoreSettings settings = KeystoreSettings.FromEnvironment();
        if (settings.Store is not (null or "memory:"))
        {
            throw new ArgumentException("The harness keeps keys in memory alone, and RON_KMS_STORE names a place. Leave it out.");
        }

        settings.Check();
        HarnessOptions options = new()
        {
            PqMode = settings.PqMode switch
            {
                null or "classical" => PqMode.Classical,
                "hybrid" => PqMode.Hybrid,
                "pq" => PqMode.PostQuantum,
                _ => throw new ArgumentException("RON_KMS_PQ_MODE is classical, hybrid or pq."),
            },
        };
        if (Environment.GetEnvironmentVariable("PORT") is { Length: > 0 } port)
        {
            options = options with
            {
                Port = int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= ushort.MaxValue
                    ? number
                    : throw new ArgumentException("PORT is a number up to 65535; 0 takes a free port."),
            };
        }

        if (Environment.GetEnvironmentVariable("TENANTS") is { Length: > 0 } tenants)
        {
            options = options with { Tenants = tenants.Split(',') };
        }

        foreach (string tenant in options.Tenants)
        {
            try
            {
                // Knows what a tenant is.
                _ = CapabilityCaveat.ForTenant(tenant);
            }
            catch (ArgumentException)
            {
                throw new ArgumentException("TENANTS is names with a comma and no space between; each has 1 to 64 of A-Z a-z 0-9 . _ -.");
            }
        }

        return options;
    }
}
