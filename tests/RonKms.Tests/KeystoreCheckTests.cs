using System.Diagnostics;
using System.Text.Json;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>Stores that the library made, read by the second implementation: vectors/ronk/check.py.</summary>
public sealed class KeystoreCheckTests
{
    private const string NoPython = "skipped: no python3 with cryptography";
    private const string NoArgon2 = "skipped: no python3 with cryptography and Argon2id (python3-argon2, or cryptography 44)";

    [Fact]
    public void The_second_implementation_finds_a_store_as_the_library_left_it()
    {
        RequirePython("import cryptography", NoPython);
        using TemporaryDirectory directory = new();
        string kek = directory["kek.b64"];
        KeyEncryptionKey.CreateFile(kek);
        string root = directory["store"];
        Live(root, () => KeyEncryptionKey.FromFile(kek));

        (int exit, JsonElement result) = Check(root, "--kek-file", kek);

        Assert.True(exit == 0, result.ToString());
        AssertSame(root, KeyEncryptionKey.FromFile(kek), result);
    }

    [Fact]
    public void It_finds_a_store_under_a_passphrase_the_same()
    {
        RequirePython("import cryptography\ntry:\n import argon2\nexcept ImportError:\n from cryptography.hazmat.primitives.kdf.argon2 import Argon2id", NoArgon2);
        using TemporaryDirectory directory = new();
        string passphrase = directory["passphrase"];
        StoreImage.Write(passphrase, "correct horse, Zürich e\u0301\r\nnot this line\n"u8);
        string root = directory["store"];
        using (Keystore keys = Keystore.OpenOrCreate("file:" + root, KeyEncryptionKey.FromPassphraseFile(passphrase)))
        {
            keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        }

        (int exit, JsonElement result) = Check(root, "--passphrase-file", passphrase);

        Assert.True(exit == 0, result.ToString());
        AssertSame(root, KeyEncryptionKey.FromPassphraseFile(passphrase), result);
    }

    [Fact]
    public void It_finds_later_generations_and_a_backup_the_same()
    {
        RequirePython("import cryptography", NoPython);
        using TemporaryDirectory directory = new();
        string first = directory["first.b64"];
        string kek = directory["kek.b64"];
        KeyEncryptionKey.CreateFile(first);
        KeyEncryptionKey.CreateFile(kek);
        string root = directory["store"];
        string backup = directory["backup"];
        Live(root, () => KeyEncryptionKey.FromFile(first));
        using (Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromFile(first)))
        {
            keys.Reseal(KeyEncryptionKey.FromFile(first), cancellation: TestContext.Current.CancellationToken);
            KeyId key = keys.Create("acme", "later", KeyAlgorithm.Ed25519);
            for (int i = 0; i < 50; i++)
            {
                keys.Disable(key);
                keys.Enable(key);
            }

            Assert.True(keys.Compact(cancellation: TestContext.Current.CancellationToken));
            keys.ChangeKek(KeyEncryptionKey.FromFile(kek));
            keys.Rotate(key);
            keys.Backup(backup);
        }

        (int exit, JsonElement result) = Check(root, "--kek-file", kek);
        Assert.True(exit == 0, result.ToString());
        Assert.Equal([2, 1], result.GetProperty("archive").EnumerateArray().Select(archived => archived.Long("gen")));
        AssertSame(root, KeyEncryptionKey.FromFile(kek), result);

        (exit, string output) = Python(Path.Combine(OwnVectors.Folder, "check.py"), "--backup", backup, "--kek-file", kek, "--strict");
        Assert.True(exit == 0, output);
        AssertSame(root, KeyEncryptionKey.FromFile(kek), JsonDocument.Parse(output).RootElement);

        // A restored store is one that it can read, too.
        Keystore.Restore(backup, "file:" + root, KeyEncryptionKey.FromFile(kek)).Dispose();
        (exit, result) = Check(root, "--kek-file", kek);
        Assert.True(exit == 0, result.ToString());
        Assert.Equal(4, result.Long("gen"));
    }

    [Fact]
    public void It_sees_a_single_bit_that_was_changed()
    {
        RequirePython("import cryptography", NoPython);
        using TemporaryDirectory directory = new();
        string kek = directory["kek.b64"];
        KeyEncryptionKey.CreateFile(kek);
        string root = directory["store"];
        using (Keystore keys = Keystore.OpenOrCreate("file:" + root, KeyEncryptionKey.FromFile(kek)))
        {
            keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        }

        string record = Directory.EnumerateFiles(root, "*.ronk", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(record);
        bytes[^1] ^= 1;
        StoreImage.Write(record, bytes);

        Assert.Equal(1, Check(root, "--kek-file", kek).Exit);
    }

    /// <summary>A store with a past: every algorithm, every state, several openings.</summary>
    private static void Live(string root, Func<KeyEncryptionKey> kek)
    {
        FixedClock clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_735_689_600_000));
        KeystoreOptions options = new() { TimeProvider = clock };
        Dictionary<string, string> labels = new()
        {
            ["owner"] = "Zahlungen",
            ["unicode"] = "ü€中🔑 e\u0301 é \u2028\u007f\ufeff",
            ["escapes"] = "\"\\/\b\f\n\r\t\u0000\u001f",
            ["mac"] = "\"mac\":\"" + new string('0', 64) + "\",",
            ["Z"] = string.Empty,
            ["-._"] = new string('x', 256),
        };
        List<KeyId> made = [];
        using (Keystore keys = Keystore.OpenOrCreate("file:" + root, kek(), options))
        {
            foreach (KeyAlgorithm algorithm in options.Algorithms.Algorithms.Select(algorithm => algorithm.Id).Where(id => id != KeyAlgorithm.Rsa4096))
            {
                made.Add(keys.Create("acme", "use." + algorithm.Name, algorithm, new KeyCreationOptions { Labels = labels, NotAfter = clock.Now.AddDays(1) }));
                made.Add(keys.Create("A_-.9", "plain", algorithm));
                clock.Now = clock.Now.AddMilliseconds(1);
            }

            made.Add(keys.Import("acme", "imported", KeyAlgorithm.Ed25519, [.. Enumerable.Repeat((byte)7, 32)]));
            keys.CreateAttestationKey(KeyAlgorithm.Ed25519);
        }

        clock.Now = clock.Now.AddDays(2);
        using (Keystore keys = Keystore.Open("file:" + root, kek(), options))
        {
            KeyId[] rotated = [.. made.Where((_, i) => i % 3 == 0).Select(key => keys.Rotate(key))];
            KeyId[] twice = [.. rotated.Take(3).Select(key => keys.Rotate(key.Latest))];
            keys.Disable(rotated[0]);
            keys.Disable(twice[1]);
            keys.Enable(twice[1]);
            keys.Destroy(made[0]);
            keys.Disable(made[1]);
            keys.Destroy(made[1]);
            keys.DestroyAllVersions(twice[2]);
        }

        // The clock set back: the journal's time stands still.
        clock.Now = DateTimeOffset.UnixEpoch;
        using (Keystore keys = Keystore.Open("file:" + root, kek(), options))
        {
            keys.Rotate(made[4]);
        }
    }

    private static void AssertSame(string root, KeyEncryptionKey kek, JsonElement result)
    {
        using Keystore keys = Keystore.Open("file:" + root, kek);
        KeystoreHealth health = keys.CheckHealth();
        Assert.Equal((health.HeadSeq, health.Head), (result.Long("head_seq"), result.Text("head")));
        Dictionary<string, JsonElement> versions = result.GetProperty("versions").EnumerateArray().ToDictionary(version => version.Text("kid"));
        IReadOnlyList<KeyInfo> infos = keys.List(new KeyFilter { AllVersions = true });
        Assert.Equal(infos.Count, versions.Count);
        foreach (KeyInfo info in infos)
        {
            JsonElement version = versions[info.Id.ToString()];
            Assert.Equal(info.State.ToString().ToLowerInvariant(), version.Text("state"));
            Assert.Equal(info.IsLatest, version.GetProperty("latest").GetBoolean());
            Assert.Equal(info.NotAfter?.ToUnixTimeMilliseconds() ?? 0, version.Long("not_after_ms"));

            // What is left of a destroyed version tells the library no times: it was made when its line was written, or before.
            long created = info.CreatedAt.ToUnixTimeMilliseconds();
            Assert.InRange(version.Long("created_at"), info.State == KeyState.Destroyed ? 0 : created, created);
            Assert.Equal(
                info.Labels.OrderBy(label => label.Key, StringComparer.Ordinal),
                version.GetProperty("labels").EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)).OrderBy(label => label.Key, StringComparer.Ordinal));
            if (info.Id.Algorithm.IsAsymmetric)
            {
                Assert.Equal(Convert.ToHexStringLower(keys.GetPublicKey(info.Id).Raw.Span), version.Text("public"));
            }
        }
    }

    private static (int Exit, JsonElement Result) Check(string root, string option, string file)
    {
        (int exit, string output) = Python(Path.Combine(OwnVectors.Folder, "check.py"), root, option, file, "--modes", "--strict");
        return (exit, JsonDocument.Parse(output).RootElement);
    }

    private static void RequirePython(string probe, string missing)
    {
        try
        {
            Assert.SkipWhen(Python("-c", probe).Exit != 0, missing);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip(missing);
        }
    }

    private static (int Exit, string Output) Python(params ReadOnlySpan<string> arguments)
    {
        // -B: leaves no compiled files behind in the folder of the vectors.
        using Process python = Process.Start(new ProcessStartInfo("python3", ["-B", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = python.StandardError.ReadToEndAsync();
        string output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return (python.ExitCode, output.Length > 0 ? output : JsonSerializer.Serialize(errors.Result));
    }
}
