using RonKms.Capabilities;

namespace RonKms.DevServer.Access;

/// <summary>Counts what one request asks about several keys as one use.</summary>
internal sealed class OneRequestReplay(ICapabilityReplayCheck inner) : ICapabilityReplayCheck
{
    private bool _used;

    public bool TryUse(CapabilityId id, string nonce, DateTimeOffset expiresAt) => _used || (_used = inner.TryUse(id, nonce, expiresAt));
}
