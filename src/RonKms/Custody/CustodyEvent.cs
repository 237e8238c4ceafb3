namespace RonKms.Custody;

/// <summary>One line of the custody journal. Which members an operation has: docs/formats/ronk-v1.md, section 3.</summary>
internal sealed record CustodyEvent
{
    // What no line of a key has: a journal's lines are as good as all of keys, and as many as these.
    private readonly StoreMembers? _ofStore;

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
    internal Digest? Store
    {
        get => OfStore.Store;
        init => _ofStore = value is null ? _ofStore : OfStore with { Store = value };
    }

    internal Guid? StoreId
    {
        get => OfStore.StoreId;
        init => _ofStore = value is null ? _ofStore : OfStore with { StoreId = value };
    }

    /// <summary>Of open_store and anchor: the anchor's kind, or "none".</summary>
    internal string? Anchor
    {
        get => OfStore.Anchor;
        init => _ofStore = value is null ? _ofStore : OfStore with { Anchor = value };
    }

    /// <summary>Of a later generation's open_store.</summary>
    internal GenerationOrigin? From
    {
        get => OfStore.From;
        init => _ofStore = value is null ? _ofStore : OfStore with { From = value };
    }

    internal string? Reason
    {
        get => OfStore.Reason;
        init => _ofStore = value is null ? _ofStore : OfStore with { Reason = value };
    }

    /// <summary>Of annex: the digest of what is bound into the chain.</summary>
    internal Digest? AnnexDigest
    {
        get => OfStore.AnnexDigest;
        init => _ofStore = value is null ? _ofStore : OfStore with { AnnexDigest = value };
    }

    internal string? AnnexType
    {
        get => OfStore.AnnexType;
        init => _ofStore = value is null ? _ofStore : OfStore with { AnnexType = value };
    }

    private StoreMembers OfStore => _ofStore ?? StoreMembers.None;

    private sealed record StoreMembers
    {
        internal static readonly StoreMembers None = new();

        internal Digest? Store { get; init; }

        internal Guid? StoreId { get; init; }

        internal string? Anchor { get; init; }

        internal GenerationOrigin? From { get; init; }

        internal string? Reason { get; init; }

        internal Digest? AnnexDigest { get; init; }

        internal string? AnnexType { get; init; }
    }
}
