using RonKms.Storage;

namespace RonKms.Tests.Custody;

/// <summary>A store made of bytes that a test gives, right or wrong. Notes what an open does to it.</summary>
internal sealed class ImageStore : ISealedStore
{
    private readonly Dictionary<(Guid Key, uint Version), byte[]> _records = [];
    private readonly Dictionary<(Guid Key, uint Version), byte[]> _remains = [];
    private long _headSeq;

    /// <summary>store.json; none where it is <see langword="null"/>.</summary>
    internal byte[]? Description { get; set; }

    /// <summary>The live generation's journal.</summary>
    internal byte[] Journal { get; set; } = [];

    /// <summary>The sealed records, to be changed at will.</summary>
    internal IDictionary<(Guid Key, uint Version), byte[]> Records => _records;

    /// <summary>What is left of destroyed versions.</summary>
    internal IDictionary<(Guid Key, uint Version), byte[]> Remains => _remains;

    /// <summary>What the open asked for; <see langword="null"/> where it changed nothing.</summary>
    internal JournalSettlement? Settlement { get; private set; }

    public string Location => "image:";

    public bool IsVolatile => true;

    /// <summary>The same bytes in a store that was not opened yet.</summary>
    internal ImageStore Copy()
    {
        ImageStore copy = new() { Description = Description?.ToArray(), Journal = [.. Journal] };
        foreach (((Guid Key, uint Version) name, byte[] bytes) in _records) copy._records[name] = [.. bytes];
        foreach (((Guid Key, uint Version) name, byte[] bytes) in _remains) copy._remains[name] = [.. bytes];
        return copy;
    }

    public byte[]? ReadDescription() => Description?.ToArray();

    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine)
    {
        Description = description.ToArray();
        Journal = firstLine.ToArray();
    }

    public void UseGeneration(long generation)
    {
    }

    public byte[]? ReadNextDescription() => null;

    public void WriteNextDescription(ReadOnlySpan<byte> description) => throw new NotSupportedException();

    public void InstallNextDescription() => throw new NotSupportedException();

    public void DropNextDescription() => throw new NotSupportedException();

    public IGenerationBuilder BuildGeneration(long atLeast) => throw new NotSupportedException();

    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => throw new NotSupportedException();

    public JournalTail ReadJournal(long afterSeq) => afterSeq == 0 ? new JournalTail(0, Journal.ToArray()) : new JournalTail(afterSeq, default);

    public byte[] ReadLine(long seq) => throw new NotSupportedException();

    public IEnumerable<(Guid Key, uint Version)> ListRecords() => [.. _records.Keys];

    public void Settle(JournalSettlement settlement)
    {
        Settlement = settlement;
        _headSeq = settlement.HeadSeq;
        Journal = settlement.ValidLength > Journal.Length ? [.. Journal, (byte)'\n'] : Journal[..(int)settlement.ValidLength];
        foreach ((Guid Key, uint Version) orphan in settlement.Orphans) _records.Remove(orphan);
        Remove(settlement.Removals);
    }

    public CommitResult Commit(StoreCommit commit)
    {
        if (commit.ExpectedHeadSeq != _headSeq) return CommitResult.Conflict;

        foreach (SealedRecord record in commit.Records) _records[(record.Key, record.Version)] = record.Bytes.ToArray();
        Journal = [.. Journal, .. StoreCommit.Join([.. commit.Lines])];
        _headSeq += commit.Lines.Count;
        Remove(commit.Removals);
        return CommitResult.Committed;
    }

    public byte[]? ReadRecord(Guid key, uint version) => _records.GetValueOrDefault((key, version))?.ToArray();

    public byte[]? ReadRemains(Guid key, uint version) => _remains.GetValueOrDefault((key, version))?.ToArray();

    public IDisposable OnAppended(Action<long> appended) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private void Remove(IReadOnlyList<RecordRemoval> removals)
    {
        foreach (RecordRemoval removal in removals)
        {
            if (!removal.Remains.IsEmpty) _remains[(removal.Key, removal.Version)] = removal.Remains.ToArray();
            _records.Remove((removal.Key, removal.Version));
        }
    }
}
