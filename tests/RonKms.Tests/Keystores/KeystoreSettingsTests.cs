using Microsoft.Extensions.Logging;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

[Collection(ProcessWide.Name)]
public sealed class KeystoreSettingsTests : IDisposable
{
    private static readonly string[] s_variables =
    [
        "RON_KMS_STORE", "RON_KMS_CREATE", "RON_KMS_KEK_FILE", "RON_KMS_PASSPHRASE_FILE", "RON_KMS_KEK_MOUNTED",
        "RON_KMS_LOCK_TIMEOUT", "RON_KMS_READ_ONLY", "RON_KMS_MAX_STALENESS", "RON_KMS_ANCHOR", "RON_KMS_PQ_MODE", "RON_KMS_AMNESIA", "RON_KMS_ROTATE_DAYS", "RON_KMS_METRICS",
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

    [Fact]
    public void A_token_without_the_package_that_opens_it_is_refused_with_the_package_named()
    {
        KeystoreSettings settings = new() { Store = "pkcs11:token=x;x-store=file:/nowhere" };

        settings.Check();
        Assert.Contains("RonKms.Pkcs11", Assert.Throws<ArgumentException>(() => Open(settings)).Message, StringComparison.Ordinal);
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
    [InlineData("hybrid", "ed25519+mldsa65 and xwing")]
    [InlineData("pq", "mldsa65 and mlkem768")]
    public void A_mode_whose_algorithms_are_not_there_is_refused_before_anything_is_made(string mode, string missing)
    {
        foreach (string? store in new[] { null, Place })
        {
            KmsException refusal = Assert.Throws<KmsException>(
                () => Open(new() { PqMode = mode, Store = store, KekFile = store is null ? null : KekFile, Create = "1" }));

            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains($"provides {missing}:", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("the package RonKms.PostQuantum and call options.UsePostQuantum()", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["kek"], Entries);
    }

    [Fact]
    public void Of_a_mode_s_algorithms_a_backend_of_the_caller_s_may_have_all()
    {
        KeystoreOptions options = new() { PqMode = PqMode.PostQuantum, Backend = new SpyBackend { Has = _ => true } };
        Keystore.InMemory(options).Dispose();

        options.Backend = new SpyBackend { Has = algorithm => algorithm != KeyAlgorithm.MLKem768 };
        KmsException refusal = Assert.Throws<KmsException>(() => Keystore.InMemory(options));
        Assert.Contains("provides mlkem768:", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("36500", 36_500)]
    public void Rotation_is_hinted_at_after_as_many_days_as_are_set(string days, int expected)
    {
        using Keystore keystore = Open(new KeystoreSettings { RotateDays = days });

        Assert.Equal(TimeSpan.FromDays(expected), Age(keystore));
    }

    [Fact]
    public void A_setting_does_not_lower_the_mode_that_the_application_sets()
    {
        KeystoreSettings settings = new() { PqMode = "classical" };

        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => Keystore.Open(settings, new KeystoreOptions { PqMode = PqMode.Hybrid }));

        Assert.Contains("does not lower", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_change_later_change_nothing_of_what_is_open()
    {
        KeystoreOptions options = new() { RotateEvery = TimeSpan.FromDays(1) };
        using Keystore keystore = Keystore.InMemory(options);
        options.RotateEvery = null;

        Assert.NotNull(keystore.Get(keystore.Create("acme", "p", KeyAlgorithm.Ed25519)).RotateAfter);
    }

    [Theory]
    [InlineData("RON_KMS_STORE", "bogus", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "file:", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "FILE:/x", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "memory", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "pkcs12:token=x", "memory: or file:PATH")]
    [InlineData("RON_KMS_STORE", "file:~/secrets", "~ is not expanded")]
    [InlineData("RON_KMS_KEK_FILE", "~/kek.b64", "~ is not expanded")]
    [InlineData("RON_KMS_PASSPHRASE_FILE", "~/words", "~ is not expanded")]
    [InlineData("RON_KMS_KEK_MOUNTED", "true", "0 or 1")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "30", "hours:minutes:seconds")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "00:30", "hours:minutes:seconds")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "-00:00:30", "hours:minutes:seconds")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "30.00:00:00", "hours:minutes:seconds")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "01:00:01", "at most 01:00:00")]
    [InlineData("RON_KMS_LOCK_TIMEOUT", "99999999999", "at most 01:00:00")]
    [InlineData("RON_KMS_ANCHOR", "file:/var/anchors", "left out for a store in memory")]
    [InlineData("RON_KMS_ANCHOR", "file:", "file:PATH")]
    [InlineData("RON_KMS_ANCHOR", "/var/anchors", "file:PATH")]
    [InlineData("RON_KMS_ANCHOR", "token:x", "file:PATH")]
    [InlineData("RON_KMS_ANCHOR", "token", "token where RON_KMS_STORE names one")]
    [InlineData("RON_KMS_ANCHOR", "file:~/anchors", "~ is not expanded")]
    [InlineData("RON_KMS_READ_ONLY", "true", "0 or 1")]
    [InlineData("RON_KMS_READ_ONLY", "1", "0 for a store in memory")]
    [InlineData("RON_KMS_MAX_STALENESS", "1", "hours:minutes:seconds")]
    [InlineData("RON_KMS_MAX_STALENESS", "-00:00:01", "hours:minutes:seconds")]
    [InlineData("RON_KMS_MAX_STALENESS", "01:00:01", "at most 01:00:00")]
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
    [InlineData("00:00:00", 0)]
    [InlineData("00:00:30", 30)]
    [InlineData("01:00:00", 3600)]
    public void The_lock_is_waited_for_as_long_as_is_set(string text, int seconds)
    {
        KeystoreOptions options = new();

        new KeystoreSettings { LockTimeout = text }.ApplyTo(options);

        Assert.Equal(TimeSpan.FromSeconds(seconds), options.LockTimeout);
    }

    [Fact]
    public void A_store_is_followed_where_that_is_set()
    {
        KeystoreSettings settings = new() { Store = Place, KekFile = KekFile, Create = "1" };
        using Keystore writer = Open(settings);
        settings.ReadOnly = "1";
        Assert.Contains("RON_KMS_READ_ONLY must be 0 where RON_KMS_CREATE is 1", Assert.Throws<ArgumentException>(() => Open(settings)).Message, StringComparison.Ordinal);
        settings.Create = null;
        settings.MaxStaleness = "00:00:00";

        using Keystore follower = Open(settings);
        KeyId key = writer.Create("acme", "signing", KeyAlgorithm.Ed25519);

        Assert.True(follower.CheckHealth().IsReadOnly);
        Assert.Equal(key, follower.Get(key).Id);
    }

    [Fact]
    public void Everything_that_is_not_allowed_is_told_at_once()
    {
        KeystoreSettings settings = new() { Store = "bogus", Create = "yes", PqMode = "on", RotateDays = "0", LockTimeout = "30", Metrics = "off" };

        string[] lines = Assert.Throws<ArgumentException>(settings.Check).Message.Split('\n');

        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^RON_KMS_[A-Z_]+ must be .+\.$", line));
    }

    [Fact]
    public void A_setting_of_no_known_name_is_refused_with_the_nearest()
    {
        KeystoreSettings settings = new();

        settings.Set("kekFILE", "x");
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => settings.Set("Stroe", "x"));

        Assert.Equal("x", settings.KekFile);
        Assert.StartsWith("Stroe is not a setting; the nearest is Store. There are Store, Create, KekFile, ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_of_the_prefix_that_is_not_a_setting_is_refused_with_the_nearest_and_with_all_that_is_wrong_besides()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => With(
            [("RON_KMS_STOER", "file:secrets"), ("RON_KMS_KEK", "kek.b64"), ("RON_KMS_CREATE", "yes"), ("RONKMS_OTHER", "x")],
            () => Keystore.FromEnvironment().Dispose()));

        string[] lines = refusal.Message.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("RON_KMS_KEK is not a setting; the nearest is RON_KMS_KEK_FILE. There are RON_KMS_STORE, ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("RON_KMS_STOER is not a setting; the nearest is RON_KMS_STORE. ", lines[1], StringComparison.Ordinal);
        Assert.Equal("RON_KMS_CREATE must be 0 or 1.", lines[2]);
        Assert.DoesNotContain("kek.b64", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_in_another_letter_case_is_refused_where_the_system_tells_them_apart()
    {
        if (OperatingSystem.IsWindows())
        {
            With([("ron_kms_metrics", "0")], () => Assert.Equal("0", KeystoreSettings.FromEnvironment().Metrics));
            return;
        }

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => With([("ron_kms_store", "x")], () => KeystoreSettings.FromEnvironment()));
        Assert.Contains("the nearest is RON_KMS_STORE", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_that_Kubernetes_makes_of_a_service_and_empty_ones_are_passed_over()
    {
        (string, string)[] links =
        [
            ("RON_KMS_SERVICE_HOST", "10.0.0.1"), ("RON_KMS_SERVICE_PORT", "80"), ("RON_KMS_SERVICE_PORT_HTTP", "80"), ("RON_KMS_PORT", "tcp://10.0.0.1:80"),
            ("RON_KMS_PORT_80_TCP", "tcp://10.0.0.1:80"), ("RON_KMS_PORT_80_TCP_PROTO", "tcp"), ("RON_KMS_API_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("RON_KMS_API_SERVICE_HOST", "10.0.0.1"), ("RON_KMS_STOER", ""),
        ];

        With(links, () => Assert.Null(KeystoreSettings.FromEnvironment().Store));

        foreach (string other in new[] { "RON_KMS_STORE_PORTS", "RON_KMS_EXPORT", "RON_KMS_SERVICE" })
        {
            Assert.Throws<ArgumentException>(() => With([(other, "x")], () => KeystoreSettings.FromEnvironment()));
        }
    }

    [Fact]
    public void A_mounted_key_file_opens_the_store_where_that_is_set_and_the_refusal_says_so()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("skipped: modes and links are Unix's");
            return;
        }

        string link = _directory["mounted"];
        File.CreateSymbolicLink(link, KekFile);
        Open(new() { Store = Place, KekFile = KekFile, Create = "1" }).Dispose();
        File.SetUnixFileMode(KekFile, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        foreach ((string file, KmsError error) in new[] { (KekFile, KmsError.PermissionsTooWide), (link, KmsError.StoreFailed) })
        {
            KmsException refusal = Assert.Throws<KmsException>(() => Open(new() { Store = Place, KekFile = file }));
            Assert.Equal(error, refusal.Error);
            Assert.Contains("RON_KMS_KEK_MOUNTED=1", refusal.Message, StringComparison.Ordinal);
            Open(new() { Store = Place, KekFile = file, KekMounted = "1" }).Dispose();
        }

        File.SetUnixFileMode(KekFile, UnixFileMode.UserRead | UnixFileMode.GroupWrite);
        foreach (string? mounted in new[] { null, "1" })
        {
            KmsException refusal = Assert.Throws<KmsException>(() => Open(new() { Store = Place, KekFile = KekFile, KekMounted = mounted }));
            Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
            Assert.DoesNotContain("RON_KMS_KEK_MOUNTED", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_file_inside_the_store_it_opens_is_warned_of_and_no_store_is_made_around_one()
    {
        Open(new() { Store = Place, KekFile = KekFile, Create = "1" }).Dispose();
        Assert.DoesNotContain("KekInsideStore", _log.Names);
        string inside = _directory["store", "kek"];
        File.Copy(KekFile, inside);

        Open(new() { Store = Place, KekFile = inside }).Dispose();

        Assert.Equal([LogLevel.Warning], _log.Entries.Where(entry => entry.Name == "KekInsideStore").Select(entry => entry.Level));
        Assert.Equal(
            KmsError.StoreFailed,
            Assert.Throws<KmsException>(() => Open(new() { Store = "file:" + _directory.Path, KekFile = KekFile, Create = "1" })).Error);
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
        using (Keystore memory = Keystore.Open(
            new KeystoreSettings { Metrics = "0", RotateDays = "7", LockTimeout = "00:00:01" }, options))
        {
            Assert.Null(options.Amnesia);
            Assert.True(options.Metrics);
            Assert.Null(options.RotateEvery);
            Assert.Equal(TimeSpan.Zero, options.LockTimeout);
        }

        using Keystore file = Keystore.Open(new KeystoreSettings { Store = Place, KekFile = KekFile, Create = "1", PqMode = "classical" }, options);
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
        string anchor = "file:" + _directory["anchors"];
        string[] values = [Place, "1", KekFile, "", "0", "00:00:02", "0", "00:00:03", anchor, "classical", "0", "7", "0"];
        With(s_variables.Zip(values), () =>
        {
            KeystoreSettings settings = KeystoreSettings.FromEnvironment();
            using Keystore keystore = Keystore.FromEnvironment();

            Assert.Equal<string?[]>(
                [Place, "1", KekFile, null, "0", "00:00:02", "0", "00:00:03", anchor, "classical", "0", "7", "0"],
                [
                    settings.Store, settings.Create, settings.KekFile, settings.PassphraseFile, settings.KekMounted,
                    settings.LockTimeout, settings.ReadOnly, settings.MaxStaleness, settings.Anchor, settings.PqMode, settings.Amnesia, settings.RotateDays, settings.Metrics,
                ]);
            Assert.Equal(Place, keystore.CheckHealth().Location);
            Assert.Equal("anchored:file", keystore.Assurance);
            Assert.Equal(TimeSpan.FromDays(7), Age(keystore));
        });
    }

    [Fact]
    public void Options_that_are_not_allowed_are_named()
    {
        NotAllowed(new() { PqMode = (PqMode)7 }, nameof(KeystoreOptions.PqMode));
        NotAllowed(new() { PurgeAfter = TimeSpan.Zero }, nameof(KeystoreOptions.PurgeAfter));
        NotAllowed(new() { RotateEvery = TimeSpan.FromDays(-1) }, nameof(KeystoreOptions.RotateEvery));
        NotAllowed(new() { LockTimeout = TimeSpan.FromMilliseconds(-1) }, nameof(KeystoreOptions.LockTimeout));
        NotAllowed(new() { LockTimeout = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) }, nameof(KeystoreOptions.LockTimeout));
        NotAllowed(new() { LockTimeout = TimeSpan.MaxValue }, nameof(KeystoreOptions.LockTimeout));
        NotAllowed(new() { MaxStaleness = TimeSpan.FromTicks(-1) }, nameof(KeystoreOptions.MaxStaleness));
        NotAllowed(new() { MaxStaleness = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) }, nameof(KeystoreOptions.MaxStaleness));
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

    private static void With(IEnumerable<(string Name, string Value)> variables, Action test)
    {
        (string Name, string? Value)[] before = [.. variables.Select(variable => (variable.Name, Environment.GetEnvironmentVariable(variable.Name)))];
        try
        {
            foreach ((string name, string value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            test();
        }
        finally
        {
            foreach ((string name, string? value) in before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private static void Set(KeystoreSettings settings, string variable, string value) =>
        settings.Set(variable["RON_KMS_".Length..].Replace("_", "", StringComparison.Ordinal), value);

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
