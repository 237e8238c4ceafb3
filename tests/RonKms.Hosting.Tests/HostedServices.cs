using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace RonKms.Hosting.Tests;

/// <summary>What the tests start from.</summary>
internal static class HostedServices
{
    /// <summary>A configuration section <c>RonKms</c> with these settings.</summary>
    internal static IConfigurationSection Section(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"RonKms:{s.Key}", s.Value)))
            .Build()
            .GetSection("RonKms");

    /// <summary>A container with a keystore in memory.</summary>
    internal static ServiceProvider WithKeystore(Action<IServiceCollection>? register = null, Action<KeystoreOptions>? configure = null)
    {
        ServiceCollection services = new();
        services.AddRonKms(Section(("Store", "memory:")), configure);
        register?.Invoke(services);
        return services.BuildServiceProvider(validateScopes: true);
    }
}
