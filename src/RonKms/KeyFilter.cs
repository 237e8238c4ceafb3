namespace RonKms;

/// <summary>Which keys to list. What is not set does not restrict.</summary>
public sealed class KeyFilter
{
    /// <summary>Only this tenant's keys.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only keys of this purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>Only keys of this algorithm.</summary>
    public KeyAlgorithm? Algorithm { get; init; }

    /// <summary>Only versions in this state.</summary>
    public KeyState? State { get; init; }

    /// <summary>Only keys that carry all of these labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Whether older versions are listed too.</summary>
    public bool AllVersions { get; init; }
}
