using RonKms.Algorithms;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>One version of a key as the journal tells it, with what is held ready of it. Readers need no lock.</summary>
internal sealed class KeyVersion
{
    private volatile KeyState _state;
    private volatile byte[]? _publicKey;
    private volatile Digest[]? _componentDigests;
    private volatile bool _isSuperseded;
    private volatile bool _isPurged;
    private volatile bool _isInDoubt;
    private long _recordedAtMs = -1;
    private OpenedKey? _opened;
    private bool _usedLately;

    internal KeyVersion(CustodyEvent e, uint leap = 1)
    {
        Leap = leap;
        Id = e.Key!;
        Number = e.Key!.Version;
        NotAfterMs = e.NotAfterMs;
        PublicKeyDigest = e.PublicKey;
        RecordDigest = e.Record;
        Labels = e.Labels;
        IsImported = e.Op == CustodyOp.Import;

        // A state line tells when it was written, not when the version was made; then the record's header knows.
        CreatedAtMs = e.Op == CustodyOp.State ? null : e.TimeMs;
        KnownSinceMs = e.TimeMs;
        _state = e.State ?? KeyState.Enabled;
        Lines = [e.Seq];
    }

    internal KeyId Id { get; }

    /// <summary>The name's version: looked for so often that it stands here, too.</summary>
    internal uint Number { get; }

    /// <summary>When it was made, where its own line tells.</summary>
    internal long? CreatedAtMs { get; }

    /// <summary>When it was made, as its record tells, once that was read; negative before.</summary>
    internal long RecordedAtMs
    {
        get => Volatile.Read(ref _recordedAtMs);
        set => Volatile.Write(ref _recordedAtMs, value);
    }

    /// <summary>When its first line in this generation was written: it was made then, or before.</summary>
    internal long KnownSinceMs { get; }

    /// <summary>0 where the version does not expire.</summary>
    internal long NotAfterMs { get; }

    internal Digest? PublicKeyDigest { get; }

    /// <summary>Changes with the store's generation: read in the writer's turn or behind the <see cref="GenerationGate"/>.</summary>
    internal Digest? RecordDigest { get; private set; }

    /// <summary>By how much the next version's number is higher, where this is the latest.</summary>
    internal uint Leap { get; private set; }

    /// <summary>As the version's line gives them, sorted by name.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    internal bool IsImported { get; private set; }

    /// <summary>The sequence numbers of the journal lines about this version. Replaced whole.</summary>
    internal long[] Lines { get; private set; }

    internal KeyState State => _state;

    /// <summary>Whether its purge time came, whatever the journal says.</summary>
    internal bool IsPurged => _isPurged;

    /// <summary>Whether it was to be disabled or destroyed, and nobody knows whether the journal tells so.</summary>
    internal bool IsInDoubt => _isInDoubt;

    /// <summary>Whether an opened key is worth holding ready: an old version still decrypts and verifies codes, but it never signs again.</summary>
    internal bool MayBeHeld =>
        _state == KeyState.Enabled && !_isPurged && !_isInDoubt && !(_isSuperseded && Id.Algorithm.Use == KeyUse.Sign);

    /// <summary>The public key once it was read and checked.</summary>
    internal byte[]? PublicKey
    {
        get => _publicKey;
        set => _publicKey = value;
    }

    /// <summary>The digests of a hybrid's component public keys, in the algorithm's order, once they were read and checked.</summary>
    internal Digest[]? ComponentDigests
    {
        get => _componentDigests;
        set => _componentDigests = value;
    }

    /// <summary>What the version's record holds, once it was read and checked.</summary>
    internal RecordKind? RecordKind { get; set; }

    /// <summary>The opened key, where it is held ready.</summary>
    internal OpenedKey? Opened => Volatile.Read(ref _opened);

    internal void Apply(KeyState state, long seq)
    {
        Lines = [.. Lines, seq];
        _state = state;
        _isInDoubt = false;
        WipeUnlessHeld();
    }

    /// <summary>Takes over what a later generation's journal says of this version.</summary>
    internal void MoveTo(KeyVersion next)
    {
        RecordDigest = next.RecordDigest;
        Leap = next.Leap;
        IsImported = next.IsImported;
        Lines = next.Lines;
        _state = next._state;
        WipeUnlessHeld();
    }

    /// <summary>Notes that there is a newer version.</summary>
    internal void Supersede()
    {
        _isSuperseded = true;
        WipeUnlessHeld();
    }

    /// <summary>Notes that its purge time came.</summary>
    internal void Purge()
    {
        _isPurged = true;
        WipeUnlessHeld();
    }

    /// <summary>Notes that disabling or destroying it failed half-way, perhaps.</summary>
    internal void Doubt()
    {
        _isInDoubt = true;
        WipeUnlessHeld();
    }

    internal void MarkUsed()
    {
        // Written only when it changes, so that threads which share a key do not fight over its cache line.
        if (!Volatile.Read(ref _usedLately))
        {
            Volatile.Write(ref _usedLately, true);
        }
    }

    /// <summary>Whether the version was used since this was last asked.</summary>
    internal bool TakeUsedMark() => Interlocked.Exchange(ref _usedLately, false);

    /// <summary>Holds an opened key ready, unless another thread was first.</summary>
    internal bool TryHold(OpenedKey opened) => Interlocked.CompareExchange(ref _opened, opened, null) is null;

    /// <summary>Gives up what is held ready; the caller disposes it.</summary>
    internal OpenedKey? TakeOpened() => Interlocked.Exchange(ref _opened, null);

    private void WipeUnlessHeld()
    {
        if (!MayBeHeld)
        {
            OpenedKeys.Wipe(this);
        }
    }
}
