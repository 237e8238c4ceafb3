namespace RonKms;

/// <summary>Why an operation was refused or failed.</summary>
/// <remarks>
/// The set grows with new versions: a <c>switch</c> over it needs a default branch that refuses. What is marked as reserved is given by
/// nothing in this version, but a guard or a store of yours may give it.
/// </remarks>
public enum KmsError
{
    /// <summary>A fault inside the library; please report it.</summary>
    Internal = 0,

    /// <summary>No such key, or no such version of it.</summary>
    NoSuchKey,

    /// <summary>A sealed record, the journal or the store's description is damaged or was tampered with.</summary>
    SealedCorrupt,

    /// <summary>The algorithm is known, but nothing in this process provides it.</summary>
    AlgUnavailable,

    /// <summary>The key's <c>not_after</c> has passed.</summary>
    Expired,

    /// <summary>The system's random number generator failed. Worth a retry with back-off.</summary>
    Entropy,

    /// <summary>The caller holds no capability for the operation: given by RonKms.Capabilities.</summary>
    CapabilityMissing,

    /// <summary>Another writer got in first, again and again. Worth a retry.</summary>
    Busy,

    /// <summary>The version named is not the latest one, and only the latest may do this.</summary>
    NotLatestVersion,

    /// <summary>The key version is disabled.</summary>
    KeyDisabled,

    /// <summary>The key version is destroyed.</summary>
    KeyDestroyed,

    /// <summary>A ciphertext or envelope did not open. Which check failed is not told.</summary>
    DecryptionFailed,

    /// <summary>What a quantum computer could break by itself, under a <see cref="PqMode"/> that refuses it.</summary>
    DowngradeRefused,

    /// <summary>The key to import is malformed, inconsistent, or held already, as a whole or as a half of a hybrid.</summary>
    ImportRefused,

    /// <summary>The key-encryption key does not open this store.</summary>
    WrongKek,

    /// <summary>The store is older than what was last acknowledged.</summary>
    Rollback,

    /// <summary>There is no store at the place named.</summary>
    StoreNotFound,

    /// <summary>Another process holds the store's lock. Worth a retry.</summary>
    StoreLocked,

    /// <summary>The store could not read or write; after a failed write the outcome is unknown until it is reopened.</summary>
    StoreFailed,

    /// <summary>A keystore that was opened read-only could not see its store for longer than <see cref="KeystoreOptions.MaxStaleness"/>, or saw that it was
    /// rolled back or sealed anew under another key-encryption key. Worth a retry, but for the last two: there the inner exception is
    /// <see cref="Rollback"/> or <see cref="WrongKek"/>, and the keystore has to be reopened.</summary>
    StoreStale,

    /// <summary>The store was written by a newer version of the format.</summary>
    NewerFormat,

    /// <summary>A file or directory that must be private is open to others.</summary>
    PermissionsTooWide,

    /// <summary>The hardware token does not answer, or not as it should. Worth a retry.</summary>
    TokenUnavailable,

    /// <summary>A guard, a rule of the library, or a token that refuses its PIN, forbids the operation.</summary>
    Denied,

    /// <summary>The keystore is frozen by a guard. Reserved.</summary>
    Frozen,
}
