namespace RonKms.Testing.Keystores;

/// <summary>The columns of the table of states: docs/formats/ronk-v1.md, section 8.</summary>
public enum KeyCondition
{
    /// <summary>The latest version, enabled and not expired.</summary>
    Current,

    /// <summary>The latest version, past its not-after time.</summary>
    Expired,

    /// <summary>A version that was rotated.</summary>
    Older,

    /// <summary>The latest version, disabled.</summary>
    Disabled,

    /// <summary>The only version, destroyed.</summary>
    Destroyed,
}
