namespace RonKms.Capabilities;

/// <summary>Revoked capabilities, in this process. Thread-safe.</summary>
/// <remarks>For one process, and a restart forgets: to revoke all capabilities for good, disable the version of the capability key that they begin with.</remarks>
public sealed class MemoryRevocations : ICapabilityRevocations
{
    private readonly ExpiringSet<Guid> _revoked;

    /// <summary>Makes an empty list.</summary>
    /// <param name="capacity">The most capabilities it remembers; each takes about 100 bytes.</param>
    /// <param name="timeProvider">The clock; the system's without one.</param>
    public MemoryRevocations(int capacity = 100_000, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _revoked = new(capacity, timeProvider ?? TimeProvider.System);
    }

    /// <summary>Revokes a capability, and with it all that was made from it. Does nothing where it is revoked already.</summary>
    /// <param name="id">Which: <see cref="CapabilityDecision.Id"/>, or the <see cref="Macaroon.Identifier"/> of what was minted.</param>
    /// <param name="expiresAt">When all that was made from it has ended, and it may be forgotten: <see cref="CapabilityDecision.IdExpiresAt"/> (not
    /// <c>ExpiresAt</c>, which a holder can bring forward), or the issuer's longest lifetime from now.</param>
    /// <exception cref="InvalidOperationException">The list is full of capabilities whose time is not over, and this one is not revoked.</exception>
    public void Revoke(CapabilityId id, DateTimeOffset expiresAt)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (_revoked.Add(id.Serial, expiresAt, ifCertainlyNew: false) == ExpiringSetResult.Full)
        {
            throw new InvalidOperationException(
                "The list of revoked capabilities is full and this one was not added. Make the list larger, or rotate the capability key and disable its old version.");
        }
    }

    /// <inheritdoc/>
    public bool IsRevoked(CapabilityId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _revoked.Contains(id.Serial);
    }
}
