namespace RonKms.DevServer.Keys;

/// <summary>What a new key may be given.</summary>
/// <param name="NotAfterMs">When it expires, in milliseconds since 1970.</param>
/// <param name="Labels">Up to 16 labels. Not secret.</param>
internal sealed record KeyPolicy(long? NotAfterMs = null, Dictionary<string, string>? Labels = null);
