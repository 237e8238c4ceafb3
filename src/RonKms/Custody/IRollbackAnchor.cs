namespace RonKms.Custody;

/// <summary>Keeps the head of each store's custody journal in a place that does not go back when the store does.</summary>
/// <remarks>
/// An anchor knows nothing of keys: it keeps the four members of <see cref="AnchorHead"/> as they are given, without judging them, and the
/// keystore checks what comes back. It must be thread-safe, and may serve any number of stores. Failures to read or write are
/// <see cref="KmsException"/>s: <see cref="KmsError.StoreFailed"/> for I/O, <see cref="KmsError.TokenUnavailable"/> for a device.
/// Source: docs/formats/ronk-v1.md, section 4.
/// </remarks>
public interface IRollbackAnchor
{
    /// <summary>The name by which journals and assurance call anchors of this kind, such as <c>file</c>: 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>,
    /// never <c>none</c>, and always the same.</summary>
    string Kind { get; }

    /// <summary>Reads what is known of a store.</summary>
    /// <param name="store">The store's id.</param>
    /// <returns>What was last written for it, or <see langword="null"/> where nothing ever was.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>: what lies there is not something that was written.</exception>
    AnchorHead? Read(Guid store);

    /// <summary>Replaces what is known of the store that <paramref name="replacement"/> names, if that is still what the caller takes it for.</summary>
    /// <param name="expected">What the caller read or wrote last; <see langword="null"/> where the store must be unknown.</param>
    /// <param name="replacement">What to keep from now on.</param>
    /// <returns><see langword="true"/> once it is durable; <see langword="false"/> where something else than expected was there, which is left
    /// as it is. Of two callers who expect the same, one gets <see langword="true"/>.</returns>
    bool TryAdvance(AnchorHead? expected, AnchorHead replacement);
}
