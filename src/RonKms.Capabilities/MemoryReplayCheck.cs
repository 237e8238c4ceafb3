namespace RonKms.Capabilities;

/// <summary>Remembers nonces in this process. Thread-safe.</summary>
/// <remarks>
/// For one process: several that verify the same capabilities need a memory that they share, and a restart forgets. Where it is full of nonces
/// whose time is not over, no more are permitted.
/// </remarks>
public sealed class MemoryReplayCheck : ICapabilityReplayCheck
{
    private readonly ExpiringSet<(Guid, string)> _used;

    /// <summary>Makes an empty memory.</summary>
    /// <param name="capacity">The most nonces it remembers; each takes about 300 bytes.</param>
    /// <param name="timeProvider">The clock; the system's without one.</param>
    public MemoryReplayCheck(int capacity = 100_000, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _used = new(capacity, timeProvider ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public bool TryUse(CapabilityId id, string nonce, DateTimeOffset expiresAt)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentException.ThrowIfNullOrEmpty(nonce);
        return _used.Add((id.Serial, nonce), expiresAt, ifCertainlyNew: true) == ExpiringSetResult.Added;
    }
}
