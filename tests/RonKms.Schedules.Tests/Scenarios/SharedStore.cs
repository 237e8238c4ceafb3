using System.Runtime.CompilerServices;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Schedules.Scenarios;

/// <summary>One store in memory for several keystores, as a directory is for several processes.</summary>
internal sealed class SharedStore : ISealedStore
{
    private static readonly byte[] s_kek = new byte[32];

    private readonly MemoryStore _inner = new();

    public string Location => _inner.Location;

    public bool IsVolatile => _inner.IsVolatile;

    /// <summary>Another keystore on it.</summary>
    internal Keystore Open(KeystoreOptions? options = null) =>
        Keystore.OpenOrCreate(this, KeyEncryptionKey.FromBytes(s_kek), options ?? new KeystoreOptions { Metrics = false });

    /// <summary>A keystore that follows it, and looks again at each use.</summary>
    internal Keystore Follow() => Over(new KeystoreCore(
        this, KeyEncryptionKey.FromBytes(s_kek), create: false, readOnly: true, new KeystoreOptions { Metrics = false, MaxStaleness = TimeSpan.Zero }));

    public byte[]? ReadDescription() => _inner.ReadDescription();

    public byte[]? ReadNextDescription() => _inner.ReadNextDescription();

    public void WriteNextDescription(ReadOnlySpan<byte> description) => _inner.WriteNextDescription(description);

    public void InstallNextDescription() => _inner.InstallNextDescription();

    public void DropNextDescription() => _inner.DropNextDescription();

    public IGenerationBuilder BuildGeneration(long atLeast) => _inner.BuildGeneration(atLeast);

    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => _inner.RemoveEarlierGenerations(keepRecords, destroyed);

    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine) => _inner.Create(description, firstLine);

    public void UseGeneration(long generation) => _inner.UseGeneration(generation);

    public JournalTail ReadJournal(long afterSeq) => _inner.ReadJournal(afterSeq);

    public byte[] ReadLine(long seq) => _inner.ReadLine(seq);

    public IEnumerable<(Guid Key, uint Version)> ListRecords() => _inner.ListRecords();

    public void Settle(JournalSettlement settlement) => _inner.Settle(settlement);

    public CommitResult Commit(StoreCommit commit) => _inner.Commit(commit);

    public byte[]? ReadRecord(Guid key, uint version) => _inner.ReadRecord(key, version);

    public byte[]? ReadRemains(Guid key, uint version) => _inner.ReadRemains(key, version);

    public IDisposable OnAppended(Action<long> appended) => _inner.OnAppended(appended);

    /// <summary>It outlasts each of its keystores.</summary>
    public void Dispose()
    {
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Keystore Over(KeystoreCore core);
}
