using System.Text.Json;

namespace RonKms.DevServer.Tests;

/// <summary>What the harness answered.</summary>
internal sealed record Answer(int Status, string Body, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    internal JsonElement Json => JsonElement.Parse(Body);

    internal string Text(string member) => Json.GetProperty(member).GetString()!;

    internal byte[] Bytes(string member) => Json.GetProperty(member).GetBytesFromBase64();

    internal string[] Members => [.. Json.EnumerateObject().Select(member => member.Name)];

    /// <summary>That it is a problem of this name, and nothing else.</summary>
    internal void IsProblem(int status, string error, params string[] fields)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal($"urn:ronkms:problem:{error}", Text("type"));
        Assert.Equal(error, Text("error"));
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.Equal(Headers.ContainsKey("Retry-After"), Json.GetProperty("retry").GetBoolean());
        Assert.Equal(fields, Json.TryGetProperty("fields", out JsonElement named) ? [.. named.EnumerateArray().Select(field => field.GetString()!)] : Array.Empty<string>());
        Assert.Empty(Members.Except(["type", "error", "title", "status", "retry", "fields", "corr_id"]));
    }
}
