namespace RonKms.Custody;

/// <summary>One line of the custody journal. Which members an operation has: docs/formats/ronk-v1.md, section 3.</summary>
internal sealed record CustodyEvent
{
    internal required CustodyOp Op { get; init; }

    internal long Seq { get; init; }

    /// <summary>The sequence number of the last line known to be durable when this one was written.</summary>
    internal long Base { get; init; }

    /// <summary>The digest of the line before.</summary>
    internal Digest Prev { get; init; }

    internal long TimeMs { get; init; }

    internal KeyId? Key { get; init; }

    /// <summary>Of create, import, rotate, state.</summary>
    internal long NotAfterMs { get; init; }

    /// <summary>Digest of the public key, of asymmetric keys.</summary>
    internal Digest? PublicKey { get; init; }

    /// <summary>Digest of the record file.</summary>
    internal Digest? Record { get; init; }

    /// <summary>Sorted by name, ordinally. Empty where there are none.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    internal KeyState? State { get; init; }

    /// <summary>Of open_store and rewrap: digest of store.json.</summary>
    internal Digest? Store { get; init; }

    internal Guid? StoreId { get; init; }

    /// <summary>Of open_store and anchor: the anchor's kind, or "none".</summary>
    internal string? Anchor { get; init; }

    /// <summary>Of a later generation's open_store.</summary>
    internal GenerationOrigin? From { get; init; }

    internal string? Reason { get; init; }

    /// <summary>Of annex: the digest of what is bound into the chain.</summary>
    internal Digest? AnnexDigest { get; init; }

    internal string? AnnexType { get; init; }
}
