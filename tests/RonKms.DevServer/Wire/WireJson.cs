using System.Text.Json;
using System.Text.Json.Serialization;

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
}
