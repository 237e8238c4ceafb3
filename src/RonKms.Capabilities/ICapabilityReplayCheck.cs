namespace RonKms.Capabilities;

/// <summary>Remembers the nonces of capabilities that may be used once. Must be thread-safe.</summary>
public interface ICapabilityReplayCheck
{
    /// <summary>Uses a nonce. Called last, when everything else permits the request.</summary>
    /// <param name="id">The capability that it stands in: nonces of different capabilities have nothing to do with each other.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="expiresAt">Until when it must be remembered.</param>
    /// <returns>Whether this is its first use, and is remembered. Of two calls at the same time, one is the first.</returns>
    bool TryUse(CapabilityId id, string nonce, DateTimeOffset expiresAt);
}
