using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Wire;

/// <summary>How documents are read and written: nothing that is not asked for, nothing twice, nothing of another type.</summary>
internal static class WireJson
{
    internal static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new StrictBase64Converter());
    }

    /// <summary>JSON is UTF-8 (RFC 8259 section 8.1): a document that says it is anything else is not read.</summary>
    internal static Task TakeUtf8Alone(HttpContext context, RequestDelegate next) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
        && type.Charset is { HasValue: true } charset
        && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? throw new ProblemException(Problem.Of(StatusCodes.Status415UnsupportedMediaType))
            : next(context);
}
