namespace RonKms.DevServer.Keys;

/// <summary>How a key version is.</summary>
/// <param name="Version">Its number.</param>
/// <param name="State">enabled, disabled, destroyed; expired where it is enabled and its time is over.</param>
/// <param name="CreatedMs">When it was made, in milliseconds since 1970.</param>
/// <param name="NotAfterMs">When it expires, if it does.</param>
internal sealed record KeyVersionState(uint Version, string State, long CreatedMs, long? NotAfterMs = null)
{
    internal static KeyVersionState Of(KeyInfo info) => new(info.Id.Version, NameOf(info), info.CreatedAt.ToUnixTimeMilliseconds(), info.NotAfter?.ToUnixTimeMilliseconds());

    private static string NameOf(KeyInfo info) => info.State switch
    {
        KeyState.Enabled => info.IsExpired ? "expired" : "enabled",
        KeyState.Disabled => "disabled",
        KeyState.Destroyed => "destroyed",
        _ => throw new ArgumentOutOfRangeException(nameof(info)),
    };
}
