using System.Collections.Concurrent;

namespace RonKms.Storage;

/// <summary>A store in this process's memory that never touches a file. What it holds is gone when it is disposed.</summary>
/// <remarks>Everything in it is sealed, as in a file. Reads take no lock.</remarks>
public sealed class MemoryStore : ISealedStore
{
    private readonly AppendSubscriptions _subscriptions = new();
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<(Guid Key, uint Version), byte[]> _records = new();
    private readonly ConcurrentDictionary<(Guid Key, uint Version), byte[]> _remains = new();
    private volatile byte[]? _description;
    private volatile Journal _journal = new([], 0);
    private volatile bool _isDisposed;

    /// <inheritdoc/>
    public string Location => "memory:";

    /// <inheritdoc/>
    public bool IsVolatile => true;

    /// <inheritdoc/>
    public byte[]? ReadDescription()
    {
        ThrowIfDisposed();
        return _description?.ToArray();
    }

    /// <inheritdoc/>
    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine)
    {
        StoreCommit.ThrowIfNotOneLine(firstLine, nameof(firstLine));
        lock (_writing)
        {
            ThrowIfDisposed();
            if (_description is not null)
            {
                throw new KmsException(KmsError.StoreFailed, "This memory holds a store already. Use it, or make another one.");
            }

            _journal = _journal.With([firstLine.ToArray()]);
            _description = description.ToArray();
        }
    }

    /// <summary>Does nothing: memory has one generation.</summary>
    /// <param name="generation">The generation's number, from 1.</param>
    public void UseGeneration(long generation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(generation, 1);
        ThrowIfDisposed();
    }

    /// <inheritdoc/>
    public JournalTail ReadJournal(long afterSeq)
    {
        Journal journal = Created();
        ArgumentOutOfRangeException.ThrowIfNegative(afterSeq);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(afterSeq, journal.Count);
        return new JournalTail(afterSeq, StoreCommit.Join(journal.After((int)afterSeq)));
    }

    /// <inheritdoc/>
    public byte[] ReadLine(long seq)
    {
        Journal journal = Created();
        ArgumentOutOfRangeException.ThrowIfLessThan(seq, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, journal.Count);
        return journal.After((int)seq - 1)[0].Span[..^1].ToArray();
    }

    /// <inheritdoc/>
    public IEnumerable<(Guid Key, uint Version)> ListRecords()
    {
        _ = Created();
        return [.. _records.Keys];
    }

    /// <summary>Drops orphans and finishes removals; nothing else can be in disorder here.</summary>
    /// <param name="settlement">What the check found.</param>
    public void Settle(JournalSettlement settlement)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        lock (_writing)
        {
            if (Created().Count != settlement.HeadSeq) throw new ArgumentException("The settlement is not one of this journal.", nameof(settlement));

            foreach ((Guid Key, uint Version) orphan in settlement.Orphans) Erase(orphan);
            Remove(settlement.Removals);
        }
    }

    /// <inheritdoc/>
    public CommitResult Commit(StoreCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        commit.ThrowIfMalformed();
        Journal journal;
        lock (_writing)
        {
            journal = Created();
            if (journal.Count != commit.ExpectedHeadSeq) return CommitResult.Conflict;

            if (commit.Records.Any(record => _records.ContainsKey((record.Key, record.Version))))
            {
                throw new KmsException(KmsError.StoreFailed, "A record is there already, though its key version is only being made. Please report it.");
            }

            // Records before the lines that name them, as on a disk: a reader that knows a line finds its record.
            foreach (SealedRecord record in commit.Records) _records[(record.Key, record.Version)] = record.Bytes.ToArray();

            journal = journal.With([.. commit.Lines.Select(line => (ReadOnlyMemory<byte>)line.ToArray())]);
            _journal = journal;
            Remove(commit.Removals);
        }

        // Outside the lock: who is told may come back with the next commit.
        if (commit.Lines.Count > 0) _subscriptions.Tell(journal.Count);
        return CommitResult.Committed;
    }

    /// <inheritdoc/>
    public byte[]? ReadRecord(Guid key, uint version)
    {
        _ = Created();
        byte[]? copy = _records.TryGetValue((key, version), out byte[]? record) ? record.ToArray() : null;

        // It may have been wiped while it was copied; then it is no longer listed.
        Interlocked.MemoryBarrier();
        bool isWhole = _records.ContainsKey((key, version));
        ThrowIfDisposed();
        return isWhole ? copy : null;
    }

    /// <inheritdoc/>
    public byte[]? ReadRemains(Guid key, uint version)
    {
        _ = Created();
        if (_remains.TryGetValue((key, version), out byte[]? remains)) return remains.ToArray();

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
            foreach ((Guid Key, uint Version) key in _records.Keys) Erase(key);
        }
    }

    private void Remove(IReadOnlyList<RecordRemoval> removals)
    {
        foreach (RecordRemoval removal in removals)
        {
            if (!removal.Remains.IsEmpty) _remains[(removal.Key, removal.Version)] = removal.Remains.ToArray();
            Erase((removal.Key, removal.Version));
        }
    }

    private void Erase((Guid Key, uint Version) key)
    {
        if (_records.TryRemove(key, out byte[]? record)) Array.Clear(record);
    }

    private Journal Created()
    {
        // Read before the check: a journal that disposal emptied is never given out.
        Journal journal = _journal;
        ThrowIfDisposed();
        return _description is not null ? journal : throw new InvalidOperationException("There is no store in this memory yet: make one first.");
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
}
