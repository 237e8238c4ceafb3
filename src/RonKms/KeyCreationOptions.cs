namespace RonKms;

/// <summary>What a new key may be given.</summary>
public sealed class KeyCreationOptions
{
    /// <summary>When the version expires; to the millisecond, later than now. Rotation gives the new version the same lifetime.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When every version of the key is destroyed by itself. Only in stores that end with the process.</summary>
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>Up to 16 labels: names of 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>, values of at most 256 bytes of UTF-8. Not secret, and journalled.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
