using System.Diagnostics;

namespace RonKms.DevServer.Diagnostics;

/// <summary>What a request is known by, in logs, spans and answers: the trace id of its traceparent (W3C Trace Context), or one of its own.</summary>
internal static class Correlation
{
    internal static string Id => Activity.Current?.TraceId.ToHexString() ?? "none";

    /// <summary>The name of the endpoint that was asked for.</summary>
    internal static string? Operation(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
}
