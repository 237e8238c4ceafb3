using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RonKms;
using RonKms.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a keystore as a singleton.</summary>
/// <remarks>
/// What is registered: <see cref="IKeystore"/>, and the same as <see cref="ISigner"/>, <see cref="IVerifier"/>, <see cref="IMac"/>,
/// <see cref="IKem"/> and <see cref="IEnvelope"/>. A host opens it when it starts, so that a wrong setting, KEK or mount stops the start and
/// not the first request. It is wiped and closed when the container is disposed, after everything that was given it; disposing what
/// the container gave does nothing. <see cref="TimeProvider"/>, <see cref="ILoggerFactory"/>, <see cref="IMeterFactory"/> and every
/// <see cref="IOperationGuard"/> are taken from the container; <see cref="KeystoreOptions"/> can be configured as options are.
/// A container has one keystore: calling this twice is refused.
/// </remarks>
public static class RonKmsServiceCollectionExtensions
{
    /// <summary>Adds the keystore that the environment variables <c>RON_KMS_*</c> name: see <see cref="KeystoreSettings"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">What else the keystore is opened with.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRonKms(this IServiceCollection services, Action<KeystoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSettings(SettingsSource.FromEnvironment()).AddKeystore(OpenFromSettings, configure);
    }

    /// <summary>Adds the keystore that a section of the configuration names.</summary>
    /// <remarks>
    /// The section's keys are the properties of <see cref="KeystoreSettings"/> (<c>Store</c>, <c>Create</c>, <c>KekFile</c>, …).
    /// Any other key is refused, and secrets are never values: name a file. docs/configuration.md is the reference.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, by custom <c>configuration.GetSection("RonKms")</c>.</param>
    /// <param name="configure">What else the keystore is opened with.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRonKms(
        this IServiceCollection services, IConfigurationSection section, Action<KeystoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return services.AddSettings(SettingsSource.FromSection(section)).AddKeystore(OpenFromSettings, configure);
    }

    /// <summary>Adds a keystore that the caller opens: with a store or a key-encryption key of its own.</summary>
    /// <param name="services">The services.</param>
    /// <param name="open">Opens it, called once; the container owns what it returns.</param>
    /// <param name="configure">What else the keystore is opened with.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddRonKms(
        this IServiceCollection services, Func<IServiceProvider, KeystoreOptions, Keystore> open, Action<KeystoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(open);
        return services.AddKeystore(open, configure);
    }

    private static Keystore OpenFromSettings(IServiceProvider services, KeystoreOptions options) =>
        Keystore.Open(services.GetRequiredService<IOptions<KeystoreSettings>>().Value, options);

    private static IServiceCollection AddSettings(this IServiceCollection services, SettingsSource source)
    {
        services.AddOptions<KeystoreSettings>().Configure(source.Fill).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeystoreSettings>>(source);
        return services;
    }

    private static IServiceCollection AddKeystore(
        this IServiceCollection services, Func<IServiceProvider, KeystoreOptions, Keystore> open, Action<KeystoreOptions>? configure)
    {
        if (services.Any(service => service.ServiceType == typeof(KeystoreOwner)))
        {
            throw new InvalidOperationException("AddRonKms was called before: a container has one keystore.");
        }

        OptionsBuilder<KeystoreOptions> options = services.AddOptions<KeystoreOptions>().Configure<IServiceProvider>(TakeFromContainer);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton(provider =>
            new KeystoreOwner(open(provider, provider.GetRequiredService<IOptions<KeystoreOptions>>().Value)));
        services.AddSingleton<SharedKeystore>();
        services.AddSingleton<IKeystore>(Shared);
        services.AddSingleton<ISigner>(Shared);
        services.AddSingleton<IVerifier>(Shared);
        services.AddSingleton<IMac>(Shared);
        services.AddSingleton<IKem>(Shared);
        services.AddSingleton<IEnvelope>(Shared);
        services.AddHostedService<KeystoreStart>();
        return services;

        static SharedKeystore Shared(IServiceProvider provider) => provider.GetRequiredService<SharedKeystore>();
    }

    private static void TakeFromContainer(KeystoreOptions options, IServiceProvider services)
    {
        options.TimeProvider = services.GetService<TimeProvider>() ?? options.TimeProvider;
        options.LoggerFactory = services.GetService<ILoggerFactory>();
        options.MeterFactory = services.GetService<IMeterFactory>();
        foreach (IOperationGuard guard in services.GetServices<IOperationGuard>())
        {
            options.Guards.Add(guard);
        }
    }
}
