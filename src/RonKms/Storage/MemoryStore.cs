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
        return _live is { } live ? [.. live.Description] : null;
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
        if (afterSeq < live.FirstSeq) return new JournalTail(0, journal.After(0));

        ArgumentOutOfRangeException.ThrowIfGreaterThan(afterSeq, live.FirstSeq + journal.Count - 1);
        return new JournalTail(afterSeq, journal.After((int)(afterSeq - live.FirstSeq) + 1));
    }

    /// <inheritdoc/>
    public byte[] ReadLine(long seq)
    {
        Generation live = Created();
        Journal journal = live.Journal;
        ArgumentOutOfRangeException.ThrowIfLessThan(seq, live.FirstSeq);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, live.FirstSeq + journal.Count - 1);
        return journal.Line((int)(seq - live.FirstSeq))[..^1];
    }

    /// <inheritdoc/>
    public IEnumerable<(Guid Key, uint Version)> ListRecords()
    {
        Generation live = Created();
        return live.Records.IsEmpty ? [] : [.. live.Records.Keys.Select(name => (name.Key, name.Version))];
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

            foreach ((Guid key, uint version) in settlement.Orphans) live.Erase(new Name(key, version));
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

            if (commit.Records.Any(record => live.Records.ContainsKey(new Name(record.Key, record.Version))))
            {
                throw new KmsException(KmsError.StoreFailed, "A record is there already, though its key version is only being made. Please report it.");
            }

            // Records before the lines that name them, as on a disk: a reader that knows a line finds its record.
            foreach (SealedRecord record in commit.Records) live.Records[new Name(record.Key, record.Version)] = record.Bytes.ToArray();

            byte[][] lines = new byte[commit.Lines.Count][];
            for (int i = 0; i < lines.Length; i++) lines[i] = commit.Lines[i].ToArray();
            live.Journal = live.Journal.With(lines);
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
        var name = new Name(key, version);
        byte[]? copy = live.Records.TryGetValue(name, out byte[]? record) ? [.. record] : null;

        // It may have been wiped while it was copied; then it is no longer listed.
        Interlocked.MemoryBarrier();
        bool isWhole = live.Records.ContainsKey(name);
        ThrowIfDisposed();
        return isWhole ? copy : null;
    }

    /// <inheritdoc/>
    public byte[]? ReadRemains(Guid key, uint version)
    {
        if (Created().Remains.TryGetValue(new Name(key, version), out byte[]? remains)) return [.. remains];

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
    private sealed class Journal(byte[][] lines, int count)
    {
        internal int Count => count;

        internal byte[] Line(int line) => lines[line];

        /// <summary>The bytes from a line on.</summary>
        internal byte[] After(int line)
        {
            long length = 0;
            for (int i = line; i < count; i++) length += lines[i].Length;
            byte[] bytes = new byte[length];
            int filled = 0;
            for (int i = line; i < count; i++)
            {
                lines[i].CopyTo(bytes, filled);
                filled += lines[i].Length;
            }

            return bytes;
        }

        internal Journal With(byte[][] more)
        {
            byte[][] longer = lines;
            if (count + more.Length > longer.Length) Array.Resize(ref longer, Math.Max(count + more.Length, count * 2));
            more.CopyTo(longer, count);
            return new Journal(longer, count + more.Length);
        }
    }

    private sealed record Name(Guid Key, uint Version);

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

        internal ConcurrentDictionary<Name, byte[]> Records { get; } = new();

        internal ConcurrentDictionary<Name, byte[]> Remains { get; } = new();

        internal void Remove(IReadOnlyList<RecordRemoval> removals)
        {
            foreach (RecordRemoval removal in removals)
            {
                var name = new Name(removal.Key, removal.Version);
                if (!removal.Remains.IsEmpty) Remains[name] = removal.Remains.ToArray();
                Erase(name);
            }
        }

        internal void Erase(Name name)
        {
            if (Records.TryRemove(name, out byte[]? record)) Array.Clear(record);
        }

        internal void EraseAll()
        {
            foreach (Name name in Records.Keys) Erase(name);
        }
    }

    private sealed class Builder(MemoryStore store, long number) : IGenerationBuilder
    {
        private readonly List<byte[]> _lines = [];
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

        public void MakeDurable()
        {
            // Memory has nothing that is more so.
        }

        public void Commit(ReadOnlySpan<byte> description, long firstSeq)
        {
            Generation next = new(number, firstSeq, description.ToArray(), new Journal([], 0).With([.. _lines]));
            foreach (SealedRecord record in _records) next.Records[new Name(record.Key, record.Version)] = record.Bytes.ToArray();
            next.Remove(_remains);
            store.Install(next);
        }

        public void Dispose() => _records.Clear();
    }
}
