using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Hosting.Tests;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task An_open_keystore_reports_itself()
    {
        using ServiceProvider services = HostedServices.WithKeystore(AddCheck);
        _ = services.GetRequiredService<IKeystore>().Create("auth", "signing", KeyAlgorithm.Ed25519);

        HealthReportEntry entry = await Check(services);

        Assert.Equal("memory:", entry.Data["location"]);
        Assert.Equal("chain-only", entry.Data["assurance"]);
        Assert.Equal(1, entry.Data["keys"]);
        // One line opened the store, one made the key.
        Assert.Equal(2L, entry.Data["head_seq"]);
        Assert.Matches("^[0-9a-f]{64}$", Assert.IsType<string>(entry.Data["head"]));
        Assert.Equal(true, entry.Data["writable"]);
        // Whether memory is locked is up to the machine that the test runs on; the verdict has to agree with it.
        Assert.Equal(entry.Data["memory"] is "locked" ? HealthStatus.Healthy : HealthStatus.Degraded, entry.Status);
    }

    [Fact]
    public async Task An_anchored_store_reports_its_assurance()
    {
        using ScratchDirectory scratch = new();
        KeyEncryptionKey.CreateFile(scratch.File("kek"));
        ServiceCollection registrations = new();
        registrations.AddRonKms(HostedServices.Section(
            ("Store", "file:" + scratch.File("store")), ("Create", "true"), ("KekFile", scratch.File("kek")), ("Anchor", "file:" + scratch.File("anchors"))));
        AddCheck(registrations);
        using ServiceProvider services = registrations.BuildServiceProvider();

        HealthReportEntry entry = await Check(services);

        Assert.Equal("anchored:file", entry.Data["assurance"]);
        Assert.Single(Directory.EnumerateFiles(scratch.File("anchors"), "*.json"));
    }

    [Fact]
    public async Task After_a_failed_write_it_is_unhealthy_and_signing_goes_on()
    {
        FailingStore store = new();
        ServiceCollection registrations = new();
        registrations.AddRonKms((_, options) => Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), options));
        AddCheck(registrations);
        using ServiceProvider services = registrations.BuildServiceProvider();
        IKeystore kms = services.GetRequiredService<IKeystore>();
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
        store.Fail = true;
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => kms.Rotate(key)).Error);

        HealthReportEntry entry = await Check(services);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(false, entry.Data["writable"]);
        Assert.NotEmpty(kms.Sign(key, "message"u8));
    }

    [Fact]
    public async Task A_store_that_does_not_open_is_reported_with_its_error()
    {
        using ScratchDirectory scratch = new();
        ServiceCollection registrations = new();
        registrations.AddRonKms((_, options) => Keystore.Open("file:" + scratch.File("store"), KeyEncryptionKey.Ephemeral(), options));
        AddCheck(registrations);
        using ServiceProvider services = registrations.BuildServiceProvider();

        HealthReportEntry entry = await Check(services);

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(KmsError.StoreNotFound, Assert.IsType<KmsException>(entry.Exception).Error);
    }

    [Fact]
    public async Task A_follower_is_healthy_as_long_as_it_can_see_its_store()
    {
        using ScratchDirectory scratch = new();
        KeyEncryptionKey.CreateFile(scratch.File("kek"));
        using Keystore writer = Keystore.OpenOrCreate("file:" + scratch.File("store"), KeyEncryptionKey.FromFile(scratch.File("kek")));
        ServiceCollection registrations = new();
        registrations.AddRonKms(HostedServices.Section(
            ("Store", "file:" + scratch.File("store")), ("KekFile", scratch.File("kek")), ("ReadOnly", "true"), ("MaxStaleness", "00:00:00")));
        AddCheck(registrations);
        using ServiceProvider services = registrations.BuildServiceProvider();

        HealthReportEntry entry = await Check(services);
        Assert.NotEqual(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal((true, false), (entry.Data["read_only"], entry.Data["writable"]));

        Directory.Move(scratch.File("store"), scratch.File("away"));
        entry = await Check(services);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(KmsError.StoreStale, Assert.IsType<KmsException>(entry.Exception).Error);

        Directory.Move(scratch.File("away"), scratch.File("store"));
        Assert.NotEqual(HealthStatus.Unhealthy, (await Check(services)).Status);
    }

    [Fact]
    public async Task The_page_on_operations_names_all_that_it_reports()
    {
        using ServiceProvider services = HostedServices.WithKeystore(AddCheck);

        HealthReportEntry entry = await Check(services);

        string page = File.ReadAllText(PathOf("docs", "operations.md"));
        Assert.All(entry.Data.Keys, name => Assert.Contains($"` | `{name}` | ", page, StringComparison.Ordinal));
    }

    private static string PathOf(params string[] parts)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RonKms.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("There is no RonKms.sln above the tests.");
        }

        return Path.Combine([folder, .. parts]);
    }

    private static void AddCheck(IServiceCollection services)
    {
        services.AddLogging();
        services.AddHealthChecks().AddRonKms(tags: ["ready"]);
    }

    private static async Task<HealthReportEntry> Check(ServiceProvider services)
    {
        HealthReport report = await services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => check.Tags.Contains("ready"), TestContext.Current.CancellationToken);
        return report.Entries["ronkms"];
    }

    /// <summary>A store in memory that can be made to fail, as a full disk does.</summary>
    private sealed class FailingStore : ISealedStore
    {
        private readonly MemoryStore _store = new();

        internal bool Fail { get; set; }

        public string Location => _store.Location;

        public bool IsVolatile => _store.IsVolatile;

        public byte[]? ReadDescription() => _store.ReadDescription();

        public void UseGeneration(long generation) => _store.UseGeneration(generation);

        public byte[]? ReadNextDescription() => _store.ReadNextDescription();

        public void WriteNextDescription(ReadOnlySpan<byte> description) => _store.WriteNextDescription(description);

        public void InstallNextDescription() => _store.InstallNextDescription();

        public void DropNextDescription() => _store.DropNextDescription();

        public IGenerationBuilder BuildGeneration(long atLeast) => _store.BuildGeneration(atLeast);

        public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed) => _store.RemoveEarlierGenerations(keepRecords, destroyed);

        public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine) => _store.Create(description, firstLine);

        public JournalTail ReadJournal(long afterSeq) => _store.ReadJournal(afterSeq);

        public byte[] ReadLine(long seq) => _store.ReadLine(seq);

        public IEnumerable<(Guid Key, uint Version)> ListRecords() => _store.ListRecords();

        public void Settle(JournalSettlement settlement) => _store.Settle(settlement);

        public CommitResult Commit(StoreCommit commit) =>
            Fail ? throw new KmsException(KmsError.StoreFailed, "No space left on device.") : _store.Commit(commit);

        public byte[]? ReadRecord(Guid key, uint version) => _store.ReadRecord(key, version);

        public byte[]? ReadRemains(Guid key, uint version) => _store.ReadRemains(key, version);

        public IDisposable OnAppended(Action<long> appended) => _store.OnAppended(appended);

        public void Dispose() => _store.Dispose();
    }
}
