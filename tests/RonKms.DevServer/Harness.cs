using System.Threading.RateLimiting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RonKms.DevServer.Access;
using RonKms.DevServer.Diagnostics;
using RonKms.DevServer.Envelopes;
using RonKms.DevServer.Journal;
using RonKms.DevServer.Kem;
using RonKms.DevServer.Keys;
using RonKms.DevServer.OpenApi;
using RonKms.DevServer.Page;
using RonKms.DevServer.Problems;
using RonKms.DevServer.Signatures;
using RonKms.DevServer.Wire;
using RonKms.Prometheus;

namespace RonKms.DevServer;

/// <summary>Puts the program together.</summary>
internal static class Harness
{
    internal const string Root = "/v1/kms";

    private const int MaxBody = 1 << 20;
    private const string Bounded = "bounded";

    /// <summary>Makes the program; nothing runs yet.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="log">Where the log goes, one JSON object a line.</param>
    /// <param name="configure">Other services, in place of its own.</param>
    internal static WebApplication Build(HarnessOptions options, TextWriter log, Action<IServiceCollection>? configure = null)
    {
        // From the command line and the environment nothing is taken that HarnessOptions does not know.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;

            // A body is read while its request has one of the places: the largest in 16 seconds at most.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: MaxBody / 16, gracePeriod: TimeSpan.FromSeconds(5));
            kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
        });

        IServiceCollection services = builder.Services;
        services.AddSingleton(options).AddSingleton<HarnessKeystore>().AddSingleton<CapabilityGate>();
        services.AddSingleton<ILoggerProvider>(provider => new JsonLog(log, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PrometheusExporter(provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
        services.AddRonKms((provider, keystore) =>
        {
            // It counts from when it is made.
            _ = provider.GetRequiredService<PrometheusExporter>();
            return provider.GetRequiredService<HarnessKeystore>().Open(keystore);
        });
        services.AddMetrics().AddRoutingCore().AddHealthChecks().AddRonKms();
        services.Configure<HostFilteringOptions>(hosts => (hosts.AllowedHosts, hosts.IncludeFailureMessage) = (["127.0.0.1", "localhost"], false));
        services.Configure<JsonOptions>(json => WireJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddApiDescription();
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
            limiter.AddConcurrencyLimiter(Bounded, work =>
            {
                work.PermitLimit = options.MaxConcurrency;
                work.QueueLimit = options.MaxQueue;
                work.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
            });
        });
        configure?.Invoke(services);
        services.TryAddSingleton(TimeProvider.System);

        WebApplication app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseHostFiltering();
        app.UseRouting();
        app.UseRateLimiter();
        app.Use(WireJson.TakeUtf8Alone);
        RouteGroupBuilder kms = app.MapGroup(Root);
        kms.RequireRateLimiting(Bounded);
        kms.ProducesProblems();
        kms.MapKeys();
        kms.MapSignatures();
        kms.MapEnvelopes();
        kms.MapKem();
        kms.MapJournal();
        kms.MapPost("/revoke", (Caller caller) => caller.Revoke()).WithName("revoke").WithTags("CapabilityEndpoints").Produces(StatusCodes.Status200OK);
        app.MapApiDescription();
        app.MapDiagnostics();
        app.MapPage();
        return app;
    }
}
