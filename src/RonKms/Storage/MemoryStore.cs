using System.Collections.Concurrent;

namespace RonKms.Storage;

/// <summary>A store in this process's memory that never touches a file. What it holds is gone when it is disposed.</summary>
/// <remarks>Everything in it is sealed, as in a file. Reads take no lock.</remarks>
public sealed class MemoryStore : ISealedStore
{
    private readonly AppendSubscriptions _subscriptions = new();
    private readonly Lock _writing = new();
    private volatile Generation? _live;
    private volatile byte[]? _nextDescription;
    private volatile bool _isDisposed;

    /// <inheritdoc/>
    public string Location => "memory:";

    /// <inheritdoc/>
    public bool IsVolatile => true;

    /// <inheritdoc/>
    public byte[]? ReadDescription()
    {
        ThrowIfDisposed();
        return _live?.Description.ToArray();
    }

    /// <inheritdoc/>
    public byte[]? ReadNextDescription()
    {
        ThrowIfDisposed();
        return _nextDescription?.ToArray();
    }

    /// <inheritdoc/>
    public void WriteNextDescription(ReadOnlySpan<byte> description)
    {
        ThrowIfDisposed();
        _nextDescription = description.ToArray();
    }

    /// <inheritdoc/>
    public void InstallNextDescription()
    {
        lock (_writing)
        {
            Created().Description = _nextDescription ?? throw new InvalidOperationException("There is no next description.");
            _nextDescription = null;
        }
    }

    /// <inheritdoc/>
    public void DropNextDescription()
    {
        ThrowIfDisposed();
        _nextDescription = null;
    }

    /// <inheritdoc/>
    public IGenerationBuilder BuildGeneration(long atLeast)
    {
        ThrowIfDisposed();
        return new Builder(this, Math.Max(atLeast, (_live?.Number ?? 0) + 1));
    }

    /// <summary>Does nothing: what is replaced goes at once.</summary>
    /// <param name="keepRecords">Not looked at.</param>
    /// <param name="destroyed">Not looked at.</param>
    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => ThrowIfDisposed();

    /// <inheritdoc/>
    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine)
    {
        StoreCommit.ThrowIfNotOneLine(firstLine, nameof(firstLine));
        lock (_writing)
        {
            ThrowIfDisposed();
            if (_live is not null)
            {
                throw new KmsException(KmsError.StoreFailed, "This memory holds a store already. Use it, or make another one.");
            }

            _live = new Generation(1, firstSeq: 1, description.ToArray(), new Journal([], 0).With([firstLine.ToArray()]));
        }
    }

    /// <summary>Checks the number: memory has one generation at a time.</summary>
    /// <param name="generation">The generation's number, from 1.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it has another, or none.</exception>
    public void UseGeneration(long generation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(generation, 1);
        ThrowIfDisposed();
        if (_live?.Number != generation)
        {
            throw new KmsException(KmsError.SealedCorrupt, $"This memory holds no generation {generation}.");
        }
    }

    /// <inheritdoc/>
    public JournalTail ReadJournal(long afterSeq)
    {
        Generation live = Created();
        Journal journal = live.Journal;
        ArgumentOutOfRangeException.ThrowIfNegative(afterSeq);
        if (afterSeq < live.FirstSeq) return new JournalTail(0, StoreCommit.Join(journal.After(0)));

        ArgumentOutOfRangeException.ThrowIfGreaterThan(afterSeq, live.FirstSeq + journal.Count - 1);
        return new JournalTail(afterSeq, StoreCommit.Join(journal.After((int)(afterSeq - live.FirstSeq) + 1)));
    }

    /// <inheritdoc/>
    public byte[] ReadLine(long seq)
    {
        Generation live = Created();
        Journal journal = live.Journal;
        ArgumentOutOfRangeException.ThrowIfLessThan(seq, live.FirstSeq);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, live.FirstSeq + journal.Count - 1);
        return journal.After((int)(seq - live.FirstSeq))[0].Span[..^1].ToArray();
    }

    /// <inheritdoc/>
    public IEnumerable<(Guid Key, uint Version)> ListRecords()
    {
        return [.. Created().Records.Keys];
    }

    /// <summary>Drops orphans and finishes removals; nothing else can be in disorder here.</summary>
    /// <param name="settlement">What the check found.</param>
    public void Settle(JournalSettlement settlement)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        lock (_writing)
        {
            Generation live = Created();
            if (live.HeadSeq != settlement.HeadSeq) throw new ArgumentException("The settlement is not one of this journal.", nameof(settlement));

            foreach ((Guid Key, uint Version) orphan in settlement.Orphans) live.Erase(orphan);
            live.Remove(settlement.Removals);
        }
    }

    /// <inheritdoc/>
    public CommitResult Commit(StoreCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        commit.ThrowIfMalformed();
        long head;
        lock (_writing)
        {
            Generation live = Created();
            if (live.HeadSeq != commit.ExpectedHeadSeq) return CommitResult.Conflict;

            if (commit.Records.Any(record => live.Records.ContainsKey((record.Key, record.Version))))
            {
                throw new KmsException(KmsError.StoreFailed, "A record is there already, though its key version is only being made. Please report it.");
            }

            // Records before the lines that name them, as on a disk: a reader that knows a line finds its record.
            foreach (SealedRecord record in commit.Records) live.Records[(record.Key, record.Version)] = record.Bytes.ToArray();

            live.Journal = live.Journal.With([.. commit.Lines.Select(line => (ReadOnlyMemory<byte>)line.ToArray())]);
            head = live.HeadSeq;
            live.Remove(commit.Removals);
        }

        // Outside the lock: who is told may come back with the next commit.
        if (commit.Lines.Count > 0) _subscriptions.Tell(head);
        return CommitResult.Committed;
    }

    /// <inheritdoc/>
    public byte[]? ReadRecord(Guid key, uint version)
    {
        Generation live = Created();
        byte[]? copy = live.Records.TryGetValue((key, version), out byte[]? record) ? record.ToArray() : null;

        // It may have been wiped while it was copied; then it is no longer listed.
        Interlocked.MemoryBarrier();
        bool isWhole = live.Records.ContainsKey((key, version));
        ThrowIfDisposed();
        return isWhole ? copy : null;
    }

    /// <inheritdoc/>
    public byte[]? ReadRemains(Guid key, uint version)
    {
        if (Created().Remains.TryGetValue((key, version), out byte[]? remains)) return remains.ToArray();

        // What is missing may be missing because it was dropped this moment.
        ThrowIfDisposed();
        return null;
    }

    /// <inheritdoc/>
    public IDisposable OnAppended(Action<long> appended)
    {
        ThrowIfDisposed();
        return _subscriptions.Add(appended);
    }

    /// <summary>Wipes the records; the rest goes with the object.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _isDisposed = true;
            _live?.EraseAll();
        }
    }

    private Generation Created()
    {
        // Read before the check: one that disposal emptied is never given out.
        Generation? live = _live;
        ThrowIfDisposed();
        return live ?? throw new InvalidOperationException("There is no store in this memory yet: make one first.");
    }

    private void Install(Generation next)
    {
        lock (_writing)
        {
            ThrowIfDisposed();
            Generation? earlier = _live;
            _live = next;
            earlier?.EraseAll();
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    // One writer puts lines behind Count into the shared array; a reader looks at no more than its own Count.
    private sealed class Journal(ReadOnlyMemory<byte>[] lines, int count)
    {
        internal int Count => count;

        internal ReadOnlySpan<ReadOnlyMemory<byte>> After(int line) => lines.AsSpan(line, count - line);

        internal Journal With(ReadOnlySpan<ReadOnlyMemory<byte>> more)
        {
            ReadOnlyMemory<byte>[] longer = lines;
            if (count + more.Length > longer.Length) Array.Resize(ref longer, Math.Max(count + more.Length, count * 2));
            more.CopyTo(longer.AsSpan(count));
            return new Journal(longer, count + more.Length);
        }
    }

    private sealed class Generation(long number, long firstSeq, byte[] description, Journal journal)
    {
        private volatile byte[] _description = description;
        private volatile Journal _journal = journal;

        internal long Number => number;

        internal long FirstSeq => firstSeq;

        internal long HeadSeq => firstSeq + _journal.Count - 1;

        internal byte[] Description
        {
            get => _description;
            set => _description = value;
        }

        internal Journal Journal
        {
            get => _journal;
            set => _journal = value;
        }

        internal ConcurrentDictionary<(Guid Key, uint Version), byte[]> Records { get; } = new();

        internal ConcurrentDictionary<(Guid Key, uint Version), byte[]> Remains { get; } = new();

        internal void Remove(IReadOnlyList<RecordRemoval> removals)
        {
            foreach (RecordRemoval removal in removals)
            {
                if (!removal.Remains.IsEmpty) Remains[(removal.Key, removal.Version)] = removal.Remains.ToArray();
                Erase((removal.Key, removal.Version));
            }
        }

        internal void Erase((Guid Key, uint Version) key)
        {
            if (Records.TryRemove(key, out byte[]? record)) Array.Clear(record);
        }

        internal void EraseAll()
        {
            foreach ((Guid Key, uint Version) key in Records.Keys) Erase(key);
        }
    }

    private sealed class Builder(MemoryStore store, long number) : IGenerationBuilder
    {
        private readonly List<ReadOnlyMemory<byte>> _lines = [];
        private readonly List<SealedRecord> _records = [];
        private readonly List<RecordRemoval> _remains = [];

        public long Number => number;

        public void Append(ReadOnlySpan<byte> line)
        {
            StoreCommit.ThrowIfNotOneLine(line, nameof(line));
            _lines.Add(line.ToArray());
        }

        public void AddRecord(SealedRecord record) => _records.Add(record with { Bytes = record.Bytes.ToArray() });

        public void AddRemains(RecordRemoval remains) => _remains.Add(remains with { Remains = remains.Remains.ToArray() });

        public void Commit(ReadOnlySpan<byte> description, long firstSeq)
        {
            Generation next = new(number, firstSeq, description.ToArray(), new Journal([], 0).With([.. _lines]));
            foreach (SealedRecord record in _records) next.Records[(record.Key, record.Version)] = record.Bytes.ToArray();
            next.Remove(_remains);
            store.Install(next);
        }

        public void Dispose() => _records.Clear();
    }
}
