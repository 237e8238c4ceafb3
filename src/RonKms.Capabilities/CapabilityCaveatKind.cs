namespace RonKms.Capabilities;

/// <summary>What a condition is about.</summary>
internal enum CapabilityCaveatKind
{
    Tenant,
    Scope,
    Algorithm,
    Key,
    Expiry,
    Nonce,
    Rate,
}
