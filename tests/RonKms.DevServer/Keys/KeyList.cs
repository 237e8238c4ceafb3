namespace RonKms.DevServer.Keys;

/// <summary>The keys of a tenant, each with its latest version.</summary>
internal sealed record KeyList(IReadOnlyList<KeySummary> Keys);
