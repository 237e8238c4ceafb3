namespace RonKms.Capabilities;

/// <summary>Why a capability was refused. Holds nothing of the capability's or of the request's values.</summary>
/// <remarks>The set grows with new versions. For logs and metrics of the verifying side: whoever presented the capability need not be told.</remarks>
public enum CapabilityRefusal
{
    /// <summary>It was not refused.</summary>
    None = 0,

    /// <summary>It is not a capability of this keystore: its identifier is of another form, or names a key that is not here.</summary>
    UnknownKey,

    /// <summary>The key version that it begins with is disabled or destroyed.</summary>
    KeyWithdrawn,

    /// <summary>Its signature is wrong: it was changed, a caveat was taken away, or it was made elsewhere.</summary>
    BadSignature,

    /// <summary>A third party's discharge is missing, or would be used twice.</summary>
    MissingDischarge,

    /// <summary>A discharge is not bound to this capability, not made by the third party, or ambiguous.</summary>
    BadDischarge,

    /// <summary>A discharge came along that no caveat asks for.</summary>
    DischargeNotAsked,

    /// <summary>More discharges than <see cref="CapabilityVerifier.MaxDischarges"/>.</summary>
    TooManyDischarges,

    /// <summary>A caveat is not of the grammar, or its value is malformed.</summary>
    UnknownCaveat,

    /// <summary>It names no tenant, no scope or no expiry.</summary>
    Unbounded,

    /// <summary>It is for another tenant.</summary>
    WrongTenant,

    /// <summary>It does not permit all that is asked for.</summary>
    WrongScope,

    /// <summary>It is for other algorithms, or the request names none.</summary>
    WrongAlgorithm,

    /// <summary>It is for another key or version, or the request names none.</summary>
    WrongKey,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It was revoked.</summary>
    Revoked,

    /// <summary>It may be used once, and was used already; or what remembers that has no room left.</summary>
    Replayed,

    /// <summary>It may be used once, and nothing here remembers uses; or it names two nonces.</summary>
    NonceNotChecked,
}
