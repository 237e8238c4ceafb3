namespace RonKms.Capabilities;

/// <summary>What the verifier says of a capability and a request. Immutable and thread-safe.</summary>
public sealed class CapabilityDecision
{
    internal CapabilityDecision(CapabilityRefusal refusal)
    {
        Refusal = refusal;
    }

    internal CapabilityDecision(CapabilityId id, DateTimeOffset idExpiresAt, DateTimeOffset expiresAt, int? requestsPerSecond)
    {
        Id = id;
        IdExpiresAt = idExpiresAt;
        ExpiresAt = expiresAt;
        RequestsPerSecond = requestsPerSecond;
    }

    /// <summary>Whether the request is permitted.</summary>
    public bool IsAllowed => Refusal == CapabilityRefusal.None;

    /// <summary>Why it is not.</summary>
    public CapabilityRefusal Refusal { get; }

    /// <summary>Which capability permits it; what to count requests by, and what to revoke it by. Nothing where it does not.</summary>
    public CapabilityId? Id { get; }

    /// <summary>When everything ends that was made from the capability of this id: until then its revocation must be remembered.</summary>
    public DateTimeOffset? IdExpiresAt { get; }

    /// <summary>When it ends: the earliest of all expiries.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>How many requests a second are permitted, the smallest of all rates, if there is one. The caller enforces it.</summary>
    public int? RequestsPerSecond { get; }

    /// <summary>Throws where the request is not permitted.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.CapabilityMissing"/></exception>
    public void ThrowIfRefused()
    {
        if (!IsAllowed)
        {
            throw new KmsException(KmsError.CapabilityMissing, $"The capability does not permit this ({Refusal}). Ask its issuer for one that does.");
        }
    }
}
