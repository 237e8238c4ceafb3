namespace RonKms;

/// <summary>The state of one key version. Expiry is not a state: it follows from the time and <c>KeyInfo.NotAfter</c>.</summary>
public enum KeyState
{
    /// <summary>In use.</summary>
    Enabled,

    /// <summary>Out of use until it is enabled again; its public key still verifies.</summary>
    Disabled,

    /// <summary>Gone for good; only its public key is left.</summary>
    Destroyed,
}
