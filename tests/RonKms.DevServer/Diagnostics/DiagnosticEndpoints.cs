using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using RonKms.Prometheus;

namespace RonKms.DevServer.Diagnostics;

/// <summary>What asks for no capability: whether it lives, whether it can serve, and what it measured.</summary>
internal static class DiagnosticEndpoints
{
    internal static void MapDiagnostics(this IEndpointRouteBuilder app)
    {
        // Lives as long as it answers; asks nothing.
        app.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/readyz");
        app.MapGet("/metrics", Metrics).WithName("metrics").ExcludeFromDescription();
    }

    private static void Metrics(HttpContext context, PrometheusExporter exporter)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        exporter.WriteTo(context.Response.BodyWriter);
    }
}
