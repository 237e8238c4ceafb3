using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RonKms.Sealing;

namespace RonKms.Hosting.Tests;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Store", "ftp:somewhere", "RonKms:Store must be memory: or file:PATH")]
    [InlineData("PqMode", "quantum", "RonKms:PqMode must be classical, hybrid or pq, in lower case")]
    [InlineData("RotateDays", "0", "RonKms:RotateDays must be 1 to 36500")]
    [InlineData("RotateDays", "often", "RonKms:RotateDays must be 1 to 36500")]
    [InlineData("Metrics", "yes", "RonKms:Metrics must be 0 or 1")]
    [InlineData("Create", "2", "RonKms:Create must be 0 or 1")]
    [InlineData("Amnesia", "on", "RonKms:Amnesia must be 0 or 1")]
    [InlineData("KekFile", "kek.b64", "RonKms:KekFile and RonKms:PassphraseFile must be left out for a store in memory")]
    [InlineData("KekMounted", "root", "RonKms:KekMounted must be 0 or 1")]
    [InlineData("LockTimeout", "soon", "RonKms:LockTimeout must be hours:minutes:seconds, two digits each, such as 00:00:30")]
    [InlineData("LockTimeout", "30", "RonKms:LockTimeout must be hours:minutes:seconds")]
    [InlineData("LockTimeout", "true", "RonKms:LockTimeout must be hours:minutes:seconds")]
    [InlineData("LockTimeout", "-00:00:01", "RonKms:LockTimeout must be hours:minutes:seconds")]
    [InlineData("LockTimeout", "23:00:00", "at most 01:00:00")]
    [InlineData("RotateDays", "true", "RonKms:RotateDays must be 1 to 36500")]
    [InlineData("Stroe", "memory:", "RonKms:Stroe is not a setting; the nearest is Store. There are Store, ")]
    [InlineData("Passphrase", "correct horse", "RonKms:Passphrase is not a setting")]
    public async Task A_value_that_is_not_allowed_stops_the_host_and_is_named(string key, string value, string message)
    {
        using IHost host = Host(HostedServices.Section((key, value)));

        OptionsValidationException refused = await Assert.ThrowsAsync<OptionsValidationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        using ServiceProvider services = Provider(HostedServices.Section(("Stroe", "memory:"), ("Metrics", "off"), ("KekMonted", "1"), ("LockTimeout", "30")));

        string message = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IKeystore>()).Message;

        Assert.All(
            ["RonKms:Stroe is not", "RonKms:KekMonted is not a setting; the nearest is KekMounted", "RonKms:Metrics must be", "RonKms:LockTimeout must be"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_lock_is_waited_for_as_long_as_is_set()
    {
        using ScratchDirectory scratch = new();
        string kek = scratch.File("kek.b64");
        KeyEncryptionKey.CreateFile(kek);
        (string, string?)[] settings = [("Store", "file:" + scratch.File("store")), ("KekFile", kek), ("Create", "1"), ("LockTimeout", "00:30:00")];
        ServiceProvider holder = Provider(HostedServices.Section(settings));
        _ = holder.GetRequiredService<IKeystore>();
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(new AskedTwice(holder.Dispose));
        services.AddRonKms(HostedServices.Section(settings));
        using ServiceProvider waiter = services.BuildServiceProvider();

        Assert.Empty(waiter.GetRequiredService<IKeystore>().List());
    }

    [Fact]
    public void A_mounted_key_file_is_taken_where_that_is_set()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: links are made freely on Unix alone");
        using ScratchDirectory scratch = new();
        KeyEncryptionKey.CreateFile(scratch.File("kek.b64"));
        File.CreateSymbolicLink(scratch.File("mounted"), scratch.File("kek.b64"));
        (string, string?)[] settings = [("Store", "file:" + scratch.File("store")), ("KekFile", scratch.File("mounted")), ("Create", "true")];

        using ServiceProvider refused = Provider(HostedServices.Section(settings));
        Assert.Contains("KekMounted", Assert.Throws<KmsException>(() => refused.GetRequiredService<IKeystore>()).Message, StringComparison.Ordinal);
        using ServiceProvider taken = Provider(HostedServices.Section([.. settings, ("KekMounted", "true")]));
        Assert.Empty(taken.GetRequiredService<IKeystore>().List());
    }

    [Fact]
    public void A_file_store_needs_a_key_encryption_key()
    {
        using ServiceProvider services = Provider(HostedServices.Section(("Store", "file:./nowhere")));

        OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IKeystore>());
        Assert.Contains("RonKms:KekFile and RonKms:PassphraseFile must be set, one of the two", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    [InlineData("1")]
    public async Task A_file_store_lives_on_from_host_to_host(string create)
    {
        using ScratchDirectory scratch = new();
        string kek = scratch.File("kek.b64");
        KeyEncryptionKey.CreateFile(kek);
        KeyId key;
        byte[] signature;

        using (IHost host = Host(HostedServices.Section(("Store", "file:" + scratch.File("store")), ("KekFile", kek), ("Create", create))))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            IKeystore kms = host.Services.GetRequiredService<IKeystore>();
            key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
            signature = kms.Sign(key, "message"u8);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        using (IHost host = Host(HostedServices.Section(("store", "file:" + scratch.File("store")), ("kekfile", kek))))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            Assert.True(host.Services.GetRequiredService<IVerifier>().Verify(key, "message"u8, signature));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_store_that_is_not_there_stops_the_start()
    {
        using ScratchDirectory scratch = new();
        string kek = scratch.File("kek.b64");
        KeyEncryptionKey.CreateFile(kek);
        using IHost host = Host(HostedServices.Section(("Store", "file:" + scratch.File("store")), ("KekFile", kek)));

        KmsException refused = await Assert.ThrowsAsync<KmsException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(KmsError.StoreNotFound, refused.Error);
        Assert.False(Directory.Exists(scratch.File("store")));
    }

    [Fact]
    public void Settings_reach_the_keystore()
    {
        using ServiceProvider services = Provider(
            HostedServices.Section(("RotateDays", "3"), ("LockTimeout", "00:00:05"), ("PqMode", "classical")));
        IKeystore kms = services.GetRequiredService<IKeystore>();
        KeyInfo info = kms.Get(kms.CreateSigningKey("auth", "signing"));
        KeystoreSettings settings = services.GetRequiredService<IOptions<KeystoreSettings>>().Value;

        Assert.Equal(KeyAlgorithm.Ed25519, info.Id.Algorithm);
        Assert.Equal(info.CreatedAt + TimeSpan.FromDays(3), info.RotateAfter);
        Assert.Equal("00:00:05", settings.LockTimeout);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Metrics_are_published_where_the_setting_says_so(string setting, bool published)
    {
        List<object?> scopes = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            lock (scopes)
            {
                scopes.Add(instrument.Meter.Scope);
            }
        };
        listener.Start();
        ServiceCollection registered = new();
        registered.AddMetrics();
        registered.AddRonKms(HostedServices.Section(("Metrics", setting)));
        using ServiceProvider services = registered.BuildServiceProvider();

        _ = services.GetRequiredService<IKeystore>().List();

        Assert.Equal(published, scopes.Contains(services.GetRequiredService<IMeterFactory>()));
    }

    [Fact]
    public void An_empty_value_counts_as_not_set()
    {
        using ServiceProvider services = Provider(HostedServices.Section(("Store", ""), ("KekFile", null), ("LockTimeout", "")));

        Assert.Empty(services.GetRequiredService<IKeystore>().List());
    }

    private static IHost Host(IConfigurationSection section)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRonKms(section);
        return builder.Build();
    }

    private static ServiceProvider Provider(IConfigurationSection section)
    {
        ServiceCollection services = new();
        services.AddRonKms(section);
        return services.BuildServiceProvider();
    }

    /// <summary>Does something when it is asked for the time again: at the beginning of a wait, and once before.</summary>
    private sealed class AskedTwice(Action then) : TimeProvider
    {
        private int _asked;

        public override long GetTimestamp()
        {
            if (++_asked == 2)
            {
                then();
            }

            return base.GetTimestamp();
        }
    }
}
