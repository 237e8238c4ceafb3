namespace RonKms.Capabilities;

/// <summary>What somebody who presents a capability wants to do. Immutable and thread-safe.</summary>
public sealed class CapabilityRequest
{
    /// <summary>Asks to use a key.</summary>
    /// <param name="scopes">What is to be done; all of it must be permitted.</param>
    /// <param name="key">The key, as the operation will name it.</param>
    public CapabilityRequest(CapabilityScopes scopes, KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Scopes = Checked(scopes);
        Key = key;
        Tenant = key.Tenant;
        Algorithm = key.Algorithm;
    }

    /// <summary>Asks for something that is not about one key: to make one, to list.</summary>
    /// <param name="scopes">What is to be done; all of it must be permitted.</param>
    /// <param name="tenant">Whose keys it is about.</param>
    /// <param name="algorithm">The algorithm of the key to be made; without one, a capability that is for some algorithms does not do.</param>
    public CapabilityRequest(CapabilityScopes scopes, string tenant, KeyAlgorithm? algorithm = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        Scopes = Checked(scopes);
        Tenant = tenant;
        Algorithm = algorithm;
    }

    /// <summary>What is to be done.</summary>
    public CapabilityScopes Scopes { get; }

    /// <summary>Whose key it is.</summary>
    public string Tenant { get; }

    /// <summary>The key's algorithm, if there is one.</summary>
    public KeyAlgorithm? Algorithm { get; }

    /// <summary>The key, if it is about one.</summary>
    public KeyId? Key { get; }

    private static CapabilityScopes Checked(CapabilityScopes scopes) => scopes is > CapabilityScopes.None and <= CapabilityCaveat.AllScopes
        ? scopes
        : throw new ArgumentOutOfRangeException(nameof(scopes), "At least one scope, and none but those that there are.");
}
