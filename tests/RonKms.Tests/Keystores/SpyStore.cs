using System.Collections.Concurrent;
using RonKms.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>A store that writes down what it is asked for, and does what a test tells it to.</summary>
internal sealed class SpyStore(ISealedStore inner) : ISealedStore
{
    private readonly ConcurrentQueue<string> _calls = new();

    public SpyStore()
        : this(new MemoryStore())
    {
    }

    /// <summary>The names of the members that read or write what is secret or sealed, in order.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Done before a commit.</summary>
    public Action<StoreCommit>? OnCommit { get; set; }

    /// <summary>Done before the store is settled.</summary>
    public Action? OnSettle { get; set; }

    /// <summary>Done before a record is read.</summary>
    public Action? OnReadRecord { get; set; }

    /// <summary>Done before a line is read.</summary>
    public Action? OnReadLine { get; set; }

    /// <summary>Done before the description is read.</summary>
    public Action? OnReadDescription { get; set; }

    /// <summary>Done before records are listed.</summary>
    public Action? OnListRecords { get; set; }

    /// <summary>Gives what is read of the journal, from what is there.</summary>
    public Func<JournalTail, JournalTail> JournalAsRead { get; set; } = static tail => tail;

    public string Location => inner.Location;

    public bool IsVolatile { get; init; } = inner.IsVolatile;

    public bool IsDisposed { get; private set; }

    public void Forget() => _calls.Clear();

    public byte[]? ReadDescription()
    {
        OnReadDescription?.Invoke();
        return inner.ReadDescription();
    }

    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine) => inner.Create(description, firstLine);

    public void UseGeneration(long generation) => inner.UseGeneration(generation);

    public byte[]? ReadNextDescription() => inner.ReadNextDescription();

    public void WriteNextDescription(ReadOnlySpan<byte> description) => inner.WriteNextDescription(description);

    public void InstallNextDescription() => inner.InstallNextDescription();

    public void DropNextDescription() => inner.DropNextDescription();

    public IGenerationBuilder BuildGeneration(long atLeast) => inner.BuildGeneration(atLeast);

    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => inner.RemoveEarlierGenerations(keepRecords, destroyed);

    public JournalTail ReadJournal(long afterSeq) => JournalAsRead(inner.ReadJournal(afterSeq));

    public byte[] ReadLine(long seq)
    {
        OnReadLine?.Invoke();
        return inner.ReadLine(seq);
    }

    public IEnumerable<(Guid Key, uint Version)> ListRecords()
    {
        OnListRecords?.Invoke();
        return inner.ListRecords();
    }

    public void Settle(JournalSettlement settlement)
    {
        OnSettle?.Invoke();
        inner.Settle(settlement);
    }

    public CommitResult Commit(StoreCommit commit)
    {
        _calls.Enqueue(nameof(Commit));
        OnCommit?.Invoke(commit);
        return inner.Commit(commit);
    }

    public byte[]? ReadRecord(Guid key, uint version)
    {
        _calls.Enqueue(nameof(ReadRecord));
        OnReadRecord?.Invoke();
        return inner.ReadRecord(key, version);
    }

    public byte[]? ReadRemains(Guid key, uint version)
    {
        _calls.Enqueue(nameof(ReadRemains));
        return inner.ReadRemains(key, version);
    }

    public IDisposable OnAppended(Action<long> appended) => inner.OnAppended(appended);

    public void Dispose()
    {
        IsDisposed = true;
        inner.Dispose();
    }
}
