using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RonKms.Hosting;

/// <summary>Opens the keystore when the host starts.</summary>
internal sealed class KeystoreStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetRequiredService<KeystoreOwner>();
        return Task.CompletedTask;
    }

    // The container closes it, after everything that may still use it.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
