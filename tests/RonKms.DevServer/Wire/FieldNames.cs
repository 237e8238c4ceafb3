using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RonKms.DevServer.Wire;

/// <summary>Which fields a malformed document is about. A name that no request has is a value of the sender's, and is not repeated.</summary>
internal static partial class FieldNames
{
    internal const string Unknown = "unknown";

    // What the reader's message says before the names.
    private const string Missing = "missing required properties including:";

    private static readonly HashSet<string> s_known =
    [
        "aad_b3", "after", "alg", "ciphertext_b3", "envelope_b3", "hybrid", "kid", "kid_set", "labels", "limit", "not_after_ms", "payload_b3", "policy", "purpose", "sig_b3",
        "sigs", "tenant", "version",
    ];

    /// <summary>The field that an argument of the library's came from.</summary>
    internal static bool TryGet(string name, [NotNullWhen(true)] out string? field) => s_known.TryGetValue(name, out field);

    /// <summary>From what the reader says is missing, or else from where it stopped.</summary>
    internal static string[] Of(JsonException e)
    {
        int missing = e.Message.IndexOf(Missing, StringComparison.Ordinal);
        string[] names = missing >= 0
            ? [.. Quoted().Matches(e.Message[missing..]).Select(match => match.Groups[1].Value)]
            : [.. Names().Matches(e.Path ?? "").Select(match => match.Value).TakeLast(1)];
        return [.. names.Select(name => s_known.Contains(name) ? name : Unknown).DefaultIfEmpty(Unknown).Distinct()];
    }

    /// <summary>The part of a query that is no number, from what the framework says of it; nothing where it says something else.</summary>
    internal static string? OfQuery(BadHttpRequestException e) =>
        Unbound().Match(e.Message) is { Success: true } match && s_known.TryGetValue(match.Groups[1].Value, out string? field) ? field : null;

    [GeneratedRegex(@"(?<=\.)[A-Za-z0-9_]+|(?<=\[')[^']*")]
    private static partial Regex Names();

    [GeneratedRegex("^Failed to bind parameter \"[^\"]* ([a-z]+)\" from ")]
    private static partial Regex Unbound();

    [GeneratedRegex("'([a-z0-9_]+)'")]
    private static partial Regex Quoted();
}
