namespace RonKms.Capabilities;

/// <summary>What a verifier asks besides the keystore. Read once, when it is made.</summary>
public sealed class CapabilityVerifierOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What was revoked; nothing without one.</summary>
    public ICapabilityRevocations? Revocations { get; init; }

    /// <summary>What remembers nonces. Without one, a capability with a nonce is refused.</summary>
    public ICapabilityReplayCheck? ReplayCheck { get; init; }
}
