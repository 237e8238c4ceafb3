using RonKms.Storage;

namespace StoreTests;

/// <summary>A store of somebody else's: it counts what is committed, and has another store keep it.</summary>
internal class OwnStore(ISealedStore inner) : ISealedStore
{
    public int Commits { get; private set; }

    public string Location => "own:" + inner.Location;

    public bool IsVolatile => inner.IsVolatile;

    public byte[]? ReadDescription() => inner.ReadDescription();

    public byte[]? ReadNextDescription() => inner.ReadNextDescription();

    public void WriteNextDescription(ReadOnlySpan<byte> description) => inner.WriteNextDescription(description);

    public void InstallNextDescription() => inner.InstallNextDescription();

    public void DropNextDescription() => inner.DropNextDescription();

    public IGenerationBuilder BuildGeneration(long atLeast) => inner.BuildGeneration(atLeast);

    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) =>
        inner.RemoveEarlierGenerations(keepRecords, destroyed);

    public IEnumerable<StoredJournal> ReadJournals() => inner.ReadJournals();

    public void KeepDescriptions() => inner.KeepDescriptions();

    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine) => inner.Create(description, firstLine);

    public void UseGeneration(long generation) => inner.UseGeneration(generation);

    public JournalTail ReadJournal(long afterSeq) => inner.ReadJournal(afterSeq);

    public byte[]? ReadEarlierJournal(long generation) => inner.ReadEarlierJournal(generation);

    public byte[] ReadLine(long seq) => inner.ReadLine(seq);

    public IEnumerable<(Guid Key, uint Version)> ListRecords() => inner.ListRecords();

    public void Settle(JournalSettlement settlement) => inner.Settle(settlement);

    public virtual CommitResult Commit(StoreCommit commit)
    {
        CommitResult result = inner.Commit(commit);
        if (result == CommitResult.Committed)
        {
            Commits++;
        }

        return result;
    }

    public byte[]? ReadRecord(Guid key, uint version) => inner.ReadRecord(key, version);

    public byte[]? ReadRemains(Guid key, uint version) => inner.ReadRemains(key, version);

    public IDisposable OnAppended(Action<long> appended) => inner.OnAppended(appended);

    public void Dispose() => inner.Dispose();
}
