namespace RonKms.DevServer.Keys;

/// <summary>What a new key may be given.</summary>
/// <param name="NotAfterMs">When it expires, in milliseconds since 1970; later than now.</param>
/// <param name="Labels">Up to 16 labels. A name has 1 to 64 of A-Z a-z 0-9 . _ -, a value at most 256 bytes. Not secret.</param>
internal sealed record KeyPolicy(long? NotAfterMs = null, Dictionary<string, string>? Labels = null);
