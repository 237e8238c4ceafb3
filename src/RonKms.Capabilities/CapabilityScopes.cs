namespace RonKms.Capabilities;

/// <summary>What a capability lets its holder do. In a caveat <c>kms:read</c>, <c>kms:sign</c>, <c>kms:rotate</c>, <c>kms:wrap</c>.</summary>
/// <remarks>Which operation needs which scope is the decision of whoever asks the verifier; docs/capabilities.md proposes one.</remarks>
[Flags]
public enum CapabilityScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>See keys: their names, states and public halves; verify.</summary>
    Read = 1,

    /// <summary>Sign, and compute codes.</summary>
    Sign = 2,

    /// <summary>Change the life of keys: create, rotate, disable, enable, destroy.</summary>
    Rotate = 4,

    /// <summary>Wrap and unwrap, encapsulate and decapsulate.</summary>
    Wrap = 8,
}
