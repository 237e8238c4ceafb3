using System.Collections;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>What is refused when a keystore is opened or used wrongly: each with its own error, and nothing is changed.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly byte[] _kek = new byte[32];

    private string Root => _directory["store"];

    private string Place => "file:" + Root;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("mldsa65", "RonKms.PostQuantum")]
    [InlineData("xwing", "RonKms.PostQuantum")]
    public void An_algorithm_that_nothing_provides_is_named_with_the_package_to_add(string algorithm, string package)
    {
        using Keystore keystore = Keystore.InMemory();

        foreach (Action call in new Action[]
        {
            () => keystore.Create("acme", "p", KeyAlgorithm.FindByName(algorithm)!),
            () => keystore.Import("acme", "p", KeyAlgorithm.FindByName(algorithm)!, new byte[32]),
        })
        {
            KmsException refusal = Assert.Throws<KmsException>(call);
            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains(algorithm, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(package, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(keystore.List());
        Assert.Equal(1, keystore.CheckHealth().HeadSeq);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("with/slash")]
    [InlineData("with#hash")]
    [InlineData("ünïcode")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void A_tenant_or_purpose_that_is_not_allowed_is_refused_by_name(string text)
    {
        using Keystore keystore = Keystore.InMemory();

        Assert.Equal("tenant", Assert.Throws<ArgumentException>(() => keystore.Create(text, "p", KeyAlgorithm.Ed25519)).ParamName);
        Assert.Equal("purpose", Assert.Throws<ArgumentException>(() => keystore.Create("acme", text, KeyAlgorithm.Ed25519)).ParamName);
        Assert.Empty(keystore.List());
    }

    [Fact]
    public void Labels_that_are_not_allowed_are_refused()
    {
        using Keystore keystore = Keystore.InMemory();
        Dictionary<string, string> most = Enumerable.Range(0, 16).ToDictionary(i => $"label{i}", _ => new string('x', 256));

        keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { Labels = most });
        Refused(new(most) { ["one"] = "more" });
        Refused(new() { ["with space"] = "" });
        Refused(new() { [""] = "" });
        Refused(new() { ["a"] = new string('x', 257) });
        Refused(new() { ["a"] = new string('ü', 129) });
        Refused(new() { ["a"] = "\ud800" });
        Refused(new() { ["a"] = null! });
        Assert.Single(keystore.List());

        void Refused(Dictionary<string, string> labels) =>
            Assert.Throws<ArgumentException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { Labels = labels }));
    }

    [Fact]
    public void Null_is_refused_everywhere()
    {
        using Keystore keystore = Keystore.InMemory();
        UsedKeys keys = new(keystore);

        Assert.All(
            new Action[]
            {
                () => keystore.Create(null!, "p", KeyAlgorithm.Ed25519),
                () => keystore.Create("acme", null!, KeyAlgorithm.Ed25519),
                () => keystore.Create("acme", "p", null!),
                () => keystore.CreateAttestationKey(null!),
                () => keystore.Import("acme", "p", null!, []),
                () => keystore.ImportPkcs8("acme", "p", null!, []),
                () => keystore.Sign(null!, []),
                () => keystore.Sign(null!, [], out _),
                () => keystore.Sign(null!, [], new byte[64], out _),
                () => keystore.Verify(null!, [], []),
                () => keystore.ComputeMac(null!, [], out _),
                () => keystore.VerifyMac(null!, [], []),
                () => keystore.Encapsulate(null!, out _),
                () => keystore.Decapsulate(null!, []),
                () => keystore.Wrap(null!, []),
                () => keystore.Unwrap(null!, keys.Envelope),
                () => keystore.Rewrap(null!, keys.Envelope),
                () => keystore.Rotate(null!),
                () => keystore.Disable(null!),
                () => keystore.Enable(null!),
                () => keystore.Destroy(null!),
                () => keystore.DestroyAllVersions(null!),
                () => keystore.Get(null!),
                () => keystore.GetPublicKey(null!),
                () => keystore.Attest(null!),
                () => keystore.FindCurrent(null!, "p"),
                () => keystore.FindCurrent("acme", null!),
                () => Keystore.Open((string)null!, KeyEncryptionKey.Ephemeral()),
                () => Keystore.Open(Place, null!),
                () => Keystore.Open((ISealedStore)null!, KeyEncryptionKey.Ephemeral()),
                () => Keystore.Open((KeystoreSettings)null!),
            },
            call => Assert.Throws<ArgumentNullException>(call));
    }

    [Theory]
    [InlineData("bogus:place")]
    [InlineData("file:")]
    [InlineData("/an/absolute/path")]
    [InlineData("pkcs11:token=x")]
    public void A_place_of_no_known_kind_is_refused_with_those_there_are(string place)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Keystore.OpenOrCreate(place, KeyEncryptionKey.Ephemeral()));

        Assert.Contains("memory: or file:PATH", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(place, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_home_directory_is_not_expanded_and_that_is_said()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Keystore.OpenOrCreate("file:~/secrets", KeyEncryptionKey.Ephemeral()));
        Assert.Contains("~ is not expanded", refusal.Message, StringComparison.Ordinal);

        Refused(KmsError.StoreFailed, "~ is not expanded", () => KeyEncryptionKey.FromFile("~/kek.b64"));
    }

    [Fact]
    public void There_is_nothing_to_open_in_memory()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Keystore.Open("memory:", KeyEncryptionKey.Ephemeral()));

        Assert.Contains("Keystore.InMemory", refusal.Message, StringComparison.Ordinal);
        Keystore.OpenOrCreate("memory:", KeyEncryptionKey.Ephemeral()).Dispose();
    }

    [Fact]
    public void A_store_that_is_not_there_is_not_made()
    {
        Refused(KmsError.StoreNotFound, Root, () => Keystore.Open(Place, Kek()));

        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public void Another_key_encryption_key_is_WrongKek_and_changes_nothing()
    {
        KeyId key = Make();
        Dictionary<string, byte[]> before = Files();

        Refused(KmsError.WrongKek, Root, () => Keystore.Open(Place, KeyEncryptionKey.Ephemeral()));
        Refused(KmsError.WrongKek, Root, () => Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromPassphrase("correct horse"u8)));

        Assert.Equal(before, Files());
        using Keystore keystore = Keystore.Open(Place, Kek());
        keystore.Sign(key, "m"u8);
    }

    [Theory]
    [InlineData("store", true)]
    [InlineData("store/store.json", false)]
    [InlineData("store/g1/journal.jsonl", false)]
    [InlineData("store/g1", true)]
    [InlineData("kek", false)]
    public void What_others_can_read_is_PermissionsTooWide_by_name(string path, bool isDirectory)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("skipped: modes are Unix's");
            return;
        }

        KeyEncryptionKey.CreateFile(_directory["kek"]);
        Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromFile(_directory["kek"])).Dispose();
        string wide = _directory[path.Split('/')];
        UnixFileMode before = File.GetUnixFileMode(wide);
        File.SetUnixFileMode(wide, before | UnixFileMode.GroupRead | (isDirectory ? UnixFileMode.GroupExecute : 0));

        Refused(KmsError.PermissionsTooWide, wide, () => Keystore.Open(Place, KeyEncryptionKey.FromFile(_directory["kek"])));

        File.SetUnixFileMode(wide, before);
        Keystore.Open(Place, KeyEncryptionKey.FromFile(_directory["kek"])).Dispose();
    }

    [Fact]
    public void A_record_put_in_the_place_of_another_is_that_key_s_damage_alone()
    {
        KeyId mine = Make();
        KeyId others = Make();
        File.Copy(Record(others), Record(mine), overwrite: true);

        using Keystore keystore = Keystore.Open(Place, Kek());

        Refused(KmsError.SealedCorrupt, mine.ToString(), () => keystore.Sign(mine, "m"u8));
        Refused(KmsError.SealedCorrupt, mine.ToString(), () => keystore.GetPublicKey(mine));
        keystore.Sign(others, "m"u8);
    }

    [Fact]
    public void A_version_put_in_the_place_of_another_of_the_same_key_is_damage()
    {
        KeyId first = Make();
        KeyId second;
        using (Keystore keystore = Keystore.Open(Place, Kek()))
        {
            second = keystore.Rotate(first);
        }

        File.Copy(Record(first), Record(second), overwrite: true);

        using Keystore reopened = Keystore.Open(Place, Kek());
        Refused(KmsError.SealedCorrupt, second.ToString(), () => reopened.Sign(second, "m"u8));
    }

    [Fact]
    public void A_second_opening_is_StoreLocked_and_the_first_goes_on()
    {
        KeyId key = Make();
        using Keystore first = Keystore.Open(Place, Kek());

        KmsException refusal = Assert.Throws<KmsException>(() => Keystore.Open(Place, Kek()));

        Assert.Equal(KmsError.StoreLocked, refusal.Error);
        Assert.True(refusal.IsRetryable);
        Assert.Contains($"pid {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        first.Rotate(key);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refused_opening_lets_go_of_the_store(bool create)
    {
        Make();

        Assert.Throws<KmsException>(() => create ? Keystore.OpenOrCreate(Place, KeyEncryptionKey.Ephemeral()) : Keystore.Open(Place, KeyEncryptionKey.Ephemeral()));

        Keystore.Open(Place, Kek()).Dispose();
    }

    [Fact]
    public void An_opening_that_fails_disposes_what_it_was_given()
    {
        SpyStore store = new();
        SpyBackend backend = new();

        Assert.Throws<KmsException>(() => Keystore.Open(store, Kek(), new KeystoreOptions { Backend = backend }));

        Assert.True(store.IsDisposed);
        Assert.True(backend.IsDisposed);
    }

    [Theory]
    [InlineData("logger factory")]
    [InlineData("meter factory")]
    [InlineData("clock")]
    public void An_opening_that_others_fail_disposes_what_it_was_given(string culprit)
    {
        FaultyHost host = new();
        SpyStore store = new(FileStore.Open(Root, new FileStoreOptions { Create = true }));
        SpyBackend backend = new();
        KeyEncryptionKey kek = Kek();
        KeystoreOptions options = new() { Backend = backend };
        switch (culprit)
        {
            case "logger factory": options.LoggerFactory = host; break;
            case "meter factory": options.MeterFactory = host; break;
            case "clock": options.TimeProvider = host.Clock; break;
        }

        Assert.Throws<NotSupportedException>(() => Keystore.OpenOrCreate(store, kek, options));

        Assert.True(store.IsDisposed);
        Assert.True(backend.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => kek.Wrap(new byte[32], out _));
        Keystore.OpenOrCreate(Place, Kek()).Dispose();
    }

    [Fact]
    public void A_key_encryption_key_given_a_second_time_says_what_became_of_it()
    {
        KeyEncryptionKey kek = Kek();
        Keystore.OpenOrCreate(Place, kek).Dispose();

        Action[] uses =
        [
            () => Keystore.Open(Place, kek),
            () => Keystore.OpenOrCreate("memory:", kek),
            () => Keystore.RestoreInPlace(Place, kek),
        ];
        foreach (Action use in uses)
        {
            ObjectDisposedException refused = Assert.Throws<ObjectDisposedException>(use);
            Assert.Equal(nameof(KeyEncryptionKey), refused.ObjectName);
            Assert.Contains("taken by a keystore", refused.Message, StringComparison.Ordinal);
        }

        Keystore.Open(Place, Kek()).Dispose();
    }

    [Fact]
    public void A_logger_that_fails_fails_no_opening()
    {
        using Keystore keystore = Keystore.OpenOrCreate(Place, Kek(), new() { LoggerFactory = new FaultyHost { MakesLoggers = true } });

        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    [Fact]
    public void Labels_have_a_name_each()
    {
        using Keystore keystore = Keystore.InMemory();

        Assert.Throws<ArgumentException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { Labels = new SameNameTwice() }));

        Assert.Empty(keystore.List());
    }

    [Fact]
    public void A_public_key_is_the_callers_own()
    {
        using Keystore keystore = Keystore.InMemory();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        byte[] signature = keystore.Sign(key, "m"u8);

        Assert.True(MemoryMarshal.TryGetArray(keystore.GetPublicKey(key).Raw, out ArraySegment<byte> raw));
        raw.AsSpan().Clear();

        Assert.True(keystore.Verify(key, "m"u8, signature));
        Assert.True(keystore.GetPublicKey(key).Verify("m"u8, signature));
    }

    [Fact]
    public void A_write_that_fails_shows_in_health_and_leaves_readers_alone()
    {
        SpyStore store = new();
        using Keystore keystore = Keystore.OpenOrCreate(store, Kek());
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Assert.True(keystore.CheckHealth().IsWritable);
        store.OnCommit = _ => throw new KmsException(KmsError.StoreFailed, "The disk is full, for the test.");

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keystore.Rotate(key)).Error);

        Assert.False(keystore.CheckHealth().IsWritable);
        Assert.Equal(1u, keystore.Get(key).LatestVersion);
        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void After_disposal_everything_is_ObjectDisposed(string name)
    {
        Keystore keystore = Keystore.InMemory();
        UsedKeys keys = new(keystore);
        IKeystore view = keystore.ForCaller("bob");
        keystore.Dispose();

        KeystoreCall call = KeystoreCall.Named(name);
        Assert.Throws<ObjectDisposedException>(() => call.Run(keystore, keys));
        Assert.Throws<ObjectDisposedException>(() => call.Run(view, keys));
    }

    [Fact]
    public void After_disposal_nothing_is_told_either()
    {
        Keystore keystore = Keystore.InMemory();
        UsedKeys keys = new(keystore);
        keystore.Dispose();

        Assert.All(KeystoreCall.Telling, tell => Assert.Throws<ObjectDisposedException>(() => tell(keystore, keys)));
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    private static void Refused(KmsError error, string named, Action call)
    {
        KmsException refusal = Assert.Throws<KmsException>(call);
        Assert.Equal(error, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsRetryable);
    }

    private KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    private KeyId Make()
    {
        using Keystore keystore = Keystore.OpenOrCreate(Place, Kek());
        return keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    private string Record(KeyId key) =>
        Path.Combine(Root, "g1", "keys", key.Uuid.ToString()[..2], $"{key.Uuid}.v{key.Version}.ronk");

    private Dictionary<string, byte[]> Files() =>
        Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllBytes);

    /// <summary>A dictionary that is none.</summary>
    private sealed class SameNameTwice : IReadOnlyDictionary<string, string>
    {
        private readonly KeyValuePair<string, string>[] _labels = [new("a", "1"), new("a", "2")];

        public IEnumerable<string> Keys => _labels.Select(label => label.Key);

        public IEnumerable<string> Values => _labels.Select(label => label.Value);

        public int Count => _labels.Length;

        public string this[string key] => "1";

        public bool ContainsKey(string key) => key == "a";

        public bool TryGetValue(string key, out string value)
        {
            value = "1";
            return ContainsKey(key);
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _labels.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A host whose services fail.</summary>
    private sealed class FaultyHost : ILoggerFactory, ILogger, IMeterFactory
    {
        public bool MakesLoggers { get; init; }

        public TimeProvider Clock { get; } = new FaultyClock();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => MakesLoggers ? this : throw new NotSupportedException();

        public Meter Create(MeterOptions options) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotSupportedException();

        public void Dispose()
        {
        }

        private sealed class FaultyClock : TimeProvider
        {
            public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();
        }
    }
}
