namespace RonKms.Capabilities;

/// <summary>Knows which capabilities were revoked. Must be thread-safe.</summary>
public interface ICapabilityRevocations
{
    /// <summary>Whether a capability was revoked, and with it all that was made from it by adding caveats.</summary>
    /// <param name="id">Which.</param>
    /// <returns>Whether it was. What is thrown goes through to who verifies, so that a list which cannot be read permits nothing.</returns>
    bool IsRevoked(CapabilityId id);
}
