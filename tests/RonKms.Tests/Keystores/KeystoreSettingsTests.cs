using Microsoft.Extensions.Logging;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

[Collection(ProcessWide.Name)]
public sealed class KeystoreSettingsTests : IDisposable
{
    private static readonly string[] s_variables =
    [
        "RON_KMS_STORE", "RON_KMS_CREATE", "RON_KMS_KEK_FILE", "RON_KMS_PASSPHRASE_FILE",
        "RON_KMS_PQ_MODE", "RON_KMS_AMNESIA", "RON_KMS_ROTATE_DAYS", "RON_KMS_METRICS",
    ];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly CapturedLog _log = new();

    public KeystoreSettingsTests() => KeyEncryptionKey.CreateFile(KekFile);

    private string Place => "file:" + _directory["store"];

    private string KekFile => _directory["kek"];

    private string[] Entries => [.. Directory.EnumerateFileSystemEntries(_directory.Path).Select(path => Path.GetFileName(path)!).Order()];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_settings_keys_are_in_memory_and_one_warning_says_that_they_will_vanish()
    {
        using Keystore keystore = Open(new KeystoreSettings());

        Assert.Equal("memory:", keystore.CheckHealth().Location);
        Assert.Equal([LogLevel.Warning], _log.Entries.Where(entry => entry.Name == "KeysWillVanish").Select(entry => entry.Level));
        Assert.Equal(TimeSpan.FromDays(30), Age(keystore));
    }

    [Fact]
    public void A_memory_store_that_was_asked_for_is_not_warned_of()
    {
        using Keystore keystore = Open(new KeystoreSettings { Store = "memory:" });

        Assert.DoesNotContain("KeysWillVanish", _log.Names);
    }

    [Fact]
    public void A_store_that_is_not_there_is_made_only_when_that_is_asked_for()
    {
        foreach (string? create in new[] { null, "0" })
        {
            KmsException refusal = Assert.Throws<KmsException>(() => Open(new() { Store = Place, KekFile = KekFile, Create = create }));
            Assert.Equal(KmsError.StoreNotFound, refusal.Error);
            Assert.Contains(_directory["store"], refusal.Message, StringComparison.Ordinal);
            Assert.Equal(["kek"], Entries);
        }

        KeyId key;
        using (Keystore made = Open(new() { Store = Place, KekFile = KekFile, Create = "1" }))
        {
            key = made.Create("acme", "p", KeyAlgorithm.Ed25519);
        }

        using Keystore found = Open(new() { Store = Place, KekFile = KekFile, Create = "0" });
        found.Sign(key, "m"u8);
    }

    [Fact]
    public void A_passphrase_ends_with_its_line_however_that_ends()
    {
        KeyId key;
        using (Keystore made = Open(new() { Store = Place, PassphraseFile = Written("a", "correct horse\n"), Create = "1" }))
        {
            key = made.Create("acme", "p", KeyAlgorithm.Ed25519);
        }

        using (Keystore found = Open(new() { Store = Place, PassphraseFile = Written("b", "correct horse\r\nand a remark\n") }))
        {
            found.Sign(key, "m"u8);
        }

        KmsException refusal = Assert.Throws<KmsException>(() => Open(new() { Store = Place, PassphraseFile = Written("c", "correct horse \n") }));
        Assert.Equal(KmsError.WrongKek, refusal.Error);
    }

    [Fact]
    public void A_key_file_that_is_not_there_is_named()
    {
        string missing = _directory["no such file"];

        foreach (KeystoreSettings settings in new KeystoreSettings[] { new() { KekFile = missing }, new() { PassphraseFile = missing } })
        {
            settings.Store = Place;
            settings.Create = "1";
            KmsException refusal = Assert.Throws<KmsException>(() => Open(settings));
            Assert.Equal(KmsError.StoreFailed, refusal.Error);
            Assert.Contains(missing, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["kek"], Entries);
    }

    [Theory]
    [InlineData("classical", KeyUse.Sign, "ed25519")]
    [InlineData("classical", KeyUse.Encapsulate, "x25519")]
    [InlineData(null, KeyUse.Sign, "ed25519")]
    public void The_mode_chooses_the_algorithms(string? mode, KeyUse use, string algorithm)
    {
        using Keystore keystore = Open(new KeystoreSettings { PqMode = mode });

        KeyId key = use == KeyUse.Sign ? keystore.CreateSigningKey("acme", "p") : keystore.CreateKemKey("acme", "p");

        Assert.Equal(algorithm, key.Algorithm.Name);
    }

    [Theory]
    [InlineData("hybrid", "ed25519+mldsa65", "xwing")]
    [InlineData("pq", "mldsa65", "mlkem768")]
    public void A_mode_whose_algorithms_are_not_there_is_refused_by_name_and_not_by_another_algorithm(string mode, string signing, string kem)
    {
        using Keystore keystore = Open(new KeystoreSettings { PqMode = mode });

        foreach ((string algorithm, Func<KeyId> create) in new (string, Func<KeyId>)[]
        {
            (signing, () => keystore.CreateSigningKey("acme", "p")), (kem, () => keystore.CreateKemKey("acme", "p")),
        })
        {
            KmsException refusal = Assert.Throws<KmsException>(create);
            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains(algorithm, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(keystore.List());
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("36500", 36_500)]
    public void Rotation_is_hinted_at_after_as_many_days_as_are_set(string days, int expected)
    {
        using Keystore keystore = Open(new KeystoreSettings { RotateDays = days });

        Assert.Equal(TimeSpan.FromDays(expected), Age(keystore));
    }

    [Theory]
    [InlineData("RON_KMS_STORE", "bogus", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "file:", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "FILE:/x", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "memory", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "pkcs11:token=x", "RonKms.Pkcs11")]
    [InlineData("RON_KMS_CREATE", "yes", "0 or 1")]
    [InlineData("RON_KMS_CREATE", "true", "0 or 1")]
    [InlineData("RON_KMS_PQ_MODE", "Hybrid", "classical, hybrid or pq")]
    [InlineData("RON_KMS_PQ_MODE", "on", "classical, hybrid or pq")]
    [InlineData("RON_KMS_AMNESIA", "yes", "0 or 1")]
    [InlineData("RON_KMS_ROTATE_DAYS", "0", "1 to 36500")]
    [InlineData("RON_KMS_ROTATE_DAYS", "36501", "1 to 36500")]
    [InlineData("RON_KMS_ROTATE_DAYS", "-1", "1 to 36500")]
    [InlineData("RON_KMS_ROTATE_DAYS", "1.5", "1 to 36500")]
    [InlineData("RON_KMS_ROTATE_DAYS", " 7", "1 to 36500")]
    [InlineData("RON_KMS_ROTATE_DAYS", "99999999999", "1 to 36500")]
    [InlineData("RON_KMS_METRICS", "off", "0 or 1")]
    public void A_value_that_is_not_allowed_is_named_with_what_is(string variable, string value, string allowed)
    {
        KeystoreSettings settings = new();
        Set(settings, variable, value);

        foreach (Action call in new Action[] { settings.Check, () => Open(settings) })
        {
            ArgumentException refusal = Assert.Throws<ArgumentException>(call);
            Assert.Contains(variable, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(allowed, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["kek"], Entries);
    }

    [Theory]
    [InlineData("memory:", "kek", null, null)]
    [InlineData("memory:", null, "passphrase", null)]
    [InlineData(null, "kek", null, null)]
    [InlineData("file", null, null, null)]
    [InlineData("file", "kek", "passphrase", null)]
    [InlineData("file", "kek", null, "1")]
    public void Settings_that_do_not_go_together_are_refused_and_nothing_is_made(string? store, string? kek, string? passphrase, string? amnesia)
    {
        KeystoreSettings settings = new()
        {
            Store = store == "file" ? Place : store,
            Create = "1",
            KekFile = kek is null ? null : KekFile,
            PassphraseFile = passphrase is null ? null : KekFile,
            Amnesia = amnesia,
        };

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Open(settings));

        Assert.Contains(amnesia is null ? "RON_KMS_KEK_FILE" : "RON_KMS_AMNESIA", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["kek"], Entries);
    }

    [Fact]
    public void Settings_leave_the_caller_s_options_as_they_were()
    {
        KeystoreOptions options = new();
        using (Keystore memory = Keystore.Open(new KeystoreSettings { Metrics = "0", RotateDays = "7", PqMode = "hybrid" }, options))
        {
            Assert.Null(options.Amnesia);
            Assert.True(options.Metrics);
            Assert.Null(options.RotateEvery);
            Assert.Equal(PqMode.Classical, options.PqMode);
        }

        using Keystore file = Keystore.Open(new KeystoreSettings { Store = Place, KekFile = KekFile, Create = "1" }, options);
    }

    [Fact]
    public void What_settings_leave_open_is_as_the_options_say()
    {
        using Keystore keystore = Keystore.Open(new KeystoreSettings(), new KeystoreOptions { RotateEvery = TimeSpan.FromDays(3) });

        Assert.Equal(TimeSpan.FromDays(3), Age(keystore));
    }

    [Fact]
    public void Guards_of_the_options_see_the_operations_of_a_keystore_that_settings_name()
    {
        RecordingGuard guard = new();
        using Keystore keystore = Keystore.Open(new KeystoreSettings(), new KeystoreOptions { Guards = { guard } });

        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Single(guard.Begun);
    }

    [Fact]
    public void The_environment_names_the_store()
    {
        string?[] before = [.. s_variables.Select(Environment.GetEnvironmentVariable)];
        try
        {
            string[] values = [Place, "1", KekFile, "", "classical", "0", "7", "0"];
            for (int i = 0; i < s_variables.Length; i++)
            {
                Environment.SetEnvironmentVariable(s_variables[i], values[i]);
            }

            KeystoreSettings settings = KeystoreSettings.FromEnvironment();
            using Keystore keystore = Keystore.FromEnvironment();

            Assert.Equal<string?[]>(
                [Place, "1", KekFile, null, "classical", "0", "7", "0"],
                [settings.Store, settings.Create, settings.KekFile, settings.PassphraseFile, settings.PqMode, settings.Amnesia, settings.RotateDays, settings.Metrics]);
            Assert.Equal(Place, keystore.CheckHealth().Location);
            Assert.Equal(TimeSpan.FromDays(7), Age(keystore));
        }
        finally
        {
            for (int i = 0; i < s_variables.Length; i++)
            {
                Environment.SetEnvironmentVariable(s_variables[i], before[i]);
            }
        }
    }

    [Fact]
    public void Options_that_are_not_allowed_are_named()
    {
        NotAllowed(new() { PqMode = (PqMode)7 }, nameof(KeystoreOptions.PqMode));
        NotAllowed(new() { PurgeAfter = TimeSpan.Zero }, nameof(KeystoreOptions.PurgeAfter));
        NotAllowed(new() { RotateEvery = TimeSpan.FromDays(-1) }, nameof(KeystoreOptions.RotateEvery));
        NotAllowed(new() { LockTimeout = TimeSpan.FromMilliseconds(-1) }, nameof(KeystoreOptions.LockTimeout));
        NotAllowed(new() { OpenedKeyLimit = 0 }, nameof(KeystoreOptions.OpenedKeyLimit));
        NotAllowed(new() { OpenedKeyIdleWipe = TimeSpan.Zero }, nameof(KeystoreOptions.OpenedKeyIdleWipe));
        NotAllowed(new() { OpenedKeyIdleWipe = TimeSpan.FromDays(31) }, nameof(KeystoreOptions.OpenedKeyIdleWipe));
        NotAllowed(new() { Guards = { null! } }, nameof(KeystoreOptions.Guards));
        NotAllowed(new() { TimeProvider = null! }, nameof(KeystoreOptions.TimeProvider));
        NotAllowed(new() { Algorithms = null! }, nameof(KeystoreOptions.Algorithms));

        void NotAllowed(KeystoreOptions options, string name)
        {
            Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => Keystore.InMemory(options)).Message, StringComparison.Ordinal);
            Assert.ThrowsAny<ArgumentException>(() => Keystore.OpenOrCreate(Place, KeyEncryptionKey.Ephemeral(), options));
            Assert.Equal(["kek"], Entries);
        }
    }

    private static TimeSpan? Age(Keystore keystore)
    {
        KeyInfo info = keystore.Get(keystore.Create("acme", "aged", KeyAlgorithm.Ed25519));
        return info.RotateAfter - info.CreatedAt;
    }

    private static void Set(KeystoreSettings settings, string variable, string value)
    {
        switch (variable)
        {
            case "RON_KMS_STORE": settings.Store = value; break;
            case "RON_KMS_CREATE": settings.Create = value; break;
            case "RON_KMS_PQ_MODE": settings.PqMode = value; break;
            case "RON_KMS_AMNESIA": settings.Amnesia = value; break;
            case "RON_KMS_ROTATE_DAYS": settings.RotateDays = value; break;
            case "RON_KMS_METRICS": settings.Metrics = value; break;
            default: throw new ArgumentOutOfRangeException(nameof(variable));
        }
    }

    private Keystore Open(KeystoreSettings settings) => Keystore.Open(settings, new KeystoreOptions { LoggerFactory = _log });

    private string Written(string name, string text)
    {
        string path = _directory[name];
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(text);
        return path;
    }
}
