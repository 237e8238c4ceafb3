using RonKms.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>A store in memory, whose next commits are told that another writer was first.</summary>
internal sealed class OvertakenStore : ISealedStore
{
    private readonly MemoryStore _inner = new();

    public int Conflicts { get; set; }

    /// <summary>What happens while another writer is first.</summary>
    public Action? Meanwhile { get; set; }

    public string Location => _inner.Location;

    public bool IsVolatile => _inner.IsVolatile;

    public byte[]? ReadDescription() => _inner.ReadDescription();

    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine) => _inner.Create(description, firstLine);

    public void UseGeneration(long generation) => _inner.UseGeneration(generation);

    public byte[]? ReadNextDescription() => _inner.ReadNextDescription();

    public void WriteNextDescription(ReadOnlySpan<byte> description) => _inner.WriteNextDescription(description);

    public void InstallNextDescription() => _inner.InstallNextDescription();

    public void DropNextDescription() => _inner.DropNextDescription();

    public IGenerationBuilder BuildGeneration(long atLeast) => _inner.BuildGeneration(atLeast);

    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => _inner.RemoveEarlierGenerations(keepRecords, destroyed);

    public JournalTail ReadJournal(long afterSeq) => _inner.ReadJournal(afterSeq);

    public byte[] ReadLine(long seq) => _inner.ReadLine(seq);

    public IEnumerable<(Guid Key, uint Version)> ListRecords() => _inner.ListRecords();

    public void Settle(JournalSettlement settlement) => _inner.Settle(settlement);

    public CommitResult Commit(StoreCommit commit)
    {
        if (Conflicts-- <= 0)
        {
            return _inner.Commit(commit);
        }

        Meanwhile?.Invoke();
        return CommitResult.Conflict;
    }

    public byte[]? ReadRecord(Guid key, uint version) => _inner.ReadRecord(key, version);

    public byte[]? ReadRemains(Guid key, uint version) => _inner.ReadRemains(key, version);

    public IDisposable OnAppended(Action<long> appended) => _inner.OnAppended(appended);

    public void Dispose() => _inner.Dispose();
}
