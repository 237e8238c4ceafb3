namespace RonKms.Pkcs11.Keys;

/// <summary>Where a key is from, as far as its token must say so. That it is private and sensitive, and cannot leave, it must say of every key.</summary>
internal enum KeyOrigin
{
    /// <summary>Made in the token, which vouches for it: CKA_LOCAL, and never was otherwise than it is.</summary>
    Made,

    /// <summary>Made in the token, which need not say CKA_LOCAL of it: the caller trusts it without.</summary>
    Unvouched,

    /// <summary>Put into the token from outside.</summary>
    Imported,
}
