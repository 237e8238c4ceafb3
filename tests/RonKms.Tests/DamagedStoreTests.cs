using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>Damaged directories, opened with the public API: the right refusal, and nothing changed; or the good part goes on.</summary>
public sealed class DamagedStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly byte[] _kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly string _root;
    private readonly KeyId _signing;
    private readonly KeyId _wrapping;
    private readonly KeyId _rotated;
    private readonly KeyId _destroyed;
    private readonly byte[] _signature;

    public DamagedStoreTests()
    {
        _root = _directory["store"];
        using Keystore keys = Keystore.OpenOrCreate("file:" + _root, Kek());
        _signing = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _wrapping = keys.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        _destroyed = keys.Create("acme", "old", KeyAlgorithm.Ed25519);
        _signature = keys.Sign(_destroyed, "message"u8);
        keys.Destroy(_destroyed);
        _rotated = keys.Rotate(_wrapping);
    }

    private string Journal => Path.Combine(_root, "g1", "journal.jsonl");

    private string Description => Path.Combine(_root, "store.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_store_is_good_before_it_is_damaged()
    {
        using Keystore keys = Open();
        Assert.Equal(4, keys.List(new KeyFilter { AllVersions = true }).Count);
        EveryKeyWorks(keys);
    }

    [Fact]
    public void No_directory_and_no_description_are_no_store()
    {
        RefusesWith(KmsError.StoreNotFound, () => File.Delete(Description), says: "never make a new store");
        Assert.Equal(KmsError.StoreNotFound, Assert.Throws<KmsException>(() => Keystore.Open("file:" + _directory["none"], Kek())).Error);

        // Without its description it is not empty either, so that nothing new is made over it.
        KmsException refusal = Assert.Throws<KmsException>(() => Keystore.OpenOrCreate("file:" + _root, Kek()));
        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains("store.json is gone", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Journal));
    }

    [Fact]
    public void A_missing_journal_is_damage() => RefusesWith(KmsError.SealedCorrupt, () => File.Delete(Journal));

    [Fact]
    public void An_empty_journal_is_damage() => RefusesWith(KmsError.SealedCorrupt, () => StoreImage.Write(Journal, []));

    [Fact]
    public void A_missing_generation_is_damage() => RefusesWith(KmsError.SealedCorrupt, () => Directory.Delete(Path.Combine(_root, "g1"), recursive: true));

    [Fact]
    public void Another_stores_description_does_not_fit()
    {
        string other = _directory["other"];
        using (Keystore.OpenOrCreate("file:" + other, Kek()))
        {
        }

        RefusesWith(KmsError.SealedCorrupt, () => StoreImage.CopyFile(Path.Combine(other, "store.json"), Description), says: "belong to different stores");
        RefusesWith(KmsError.WrongKek, () =>
        {
            Directory.Delete(other, recursive: true);
            using (Keystore.OpenOrCreate("file:" + other, KeyEncryptionKey.Ephemeral()))
            {
            }

            StoreImage.CopyFile(Path.Combine(other, "store.json"), Description);
        });
    }

    [Fact]
    public void Another_stores_journal_does_not_fit()
    {
        string other = _directory["other"];
        using (Keystore.OpenOrCreate("file:" + other, Kek()))
        {
        }

        RefusesWith(KmsError.SealedCorrupt, () => StoreImage.CopyFile(Path.Combine(other, "g1", "journal.jsonl"), Journal), says: StoreIdOf(other));
        RefusesWith(KmsError.SealedCorrupt, () => StoreImage.CopyFile(Path.Combine(other, "g1", "journal.jsonl"), Journal), says: StoreIdOf(_root));
    }

    [Fact]
    public void A_description_wrapped_anew_that_the_journal_does_not_name_is_a_rollback() => RefusesWith(KmsError.Rollback, () =>
    {
        using KeyEncryptionKey kek = Kek();
        using StoreKey storeKey = StoreDescription.Read(File.ReadAllBytes(Description), "test").Unwrap(kek, "test");
        using PassphraseKeyEncryptionKey passphrase = new("passphrase"u8);
        StoreImage.Write(Description, StoreDescription.Write(storeKey, 1, passphrase));
    }, () => KeyEncryptionKey.FromPassphrase("passphrase"u8));

    [Fact]
    public void A_missing_record_takes_out_its_version_alone()
    {
        File.Delete(RecordOf(_signing));
        SortedDictionary<string, string> files = StoreImage.Digests(_root);
        using Keystore keys = Open();
        Assert.Equal(files, StoreImage.Digests(_root));
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Sign(_signing, "message"u8)));
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.GetPublicKey(_signing)));
        Assert.Equal(4, keys.List(new KeyFilter { AllVersions = true }).Count);
        Assert.True(keys.Verify(_destroyed, "message"u8, _signature));

        // It can still be rotated away from, and destroyed.
        KeyId next = keys.Rotate(_signing);
        Assert.True(keys.Verify(next, "message"u8, keys.Sign(next, "message"u8)));
        keys.Destroy(_signing);
        Assert.Equal(KeyState.Destroyed, keys.Get(_signing).State);
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.GetPublicKey(_signing)));
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData("too long")]
    [InlineData("open to others")]
    [InlineData("a link")]
    [InlineData("a broken link")]
    [InlineData("a pipe")]
    public void A_file_that_is_no_record_keeps_nothing_from_being_destroyed(string what)
    {
        string outside = StoreImage.CopyFile(RecordOf(_signing), _directory["outside"]);
        byte[] content = File.ReadAllBytes(outside);
        string signing = RecordOf(_signing);
        string destroyed = RecordOf(_destroyed);
        PutOdd(signing, what, outside);
        PutOdd(destroyed, what, outside);
        using (Keystore keys = Open())
        {
            // What was destroyed before is gone for good, and its public key stays.
            Assert.False(Path.Exists(destroyed) || File.Exists(destroyed));
            Assert.True(keys.Verify(_destroyed, "message"u8, _signature));

            Assert.Throws<KmsException>(() => keys.Sign(_signing, "message"u8));
            keys.Destroy(_signing);
            Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => keys.Sign(_signing, "message"u8)));
            Assert.True(keys.CheckHealth().IsWritable);
            keys.Wrap(_rotated, "message"u8);
        }

        Assert.False(Path.Exists(signing) || File.Exists(signing));
        Assert.Equal(content, File.ReadAllBytes(outside));
        Open().Dispose();
    }

    [Fact]
    public void Records_that_changed_places_take_out_both_versions()
    {
        byte[] first = File.ReadAllBytes(RecordOf(_wrapping));
        byte[] second = File.ReadAllBytes(RecordOf(_rotated));
        StoreImage.Write(RecordOf(_wrapping), second);
        StoreImage.Write(RecordOf(_rotated), first);
        using Keystore keys = Open();
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Wrap(_rotated, "message"u8)));
        Assert.True(keys.Verify(_signing, "message"u8, keys.Sign(_signing, "message"u8)));
    }

    [Fact]
    public void A_record_of_another_size_class_takes_out_its_version_alone()
    {
        StoreImage.Write(RecordOf(_signing), new byte[(1024 * 1024) + 1]);
        using Keystore keys = Open();
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Sign(_signing, "message"u8)));
        keys.Wrap(_rotated, "message"u8);
    }

    [Fact]
    public void A_record_that_no_line_names_is_moved_aside()
    {
        string orphan = RecordOf(new KeyId("a", "b", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1));
        string laterVersion = RecordOf(_signing.WithVersion(2));
        StoreImage.MakePrivate(Path.GetDirectoryName(orphan)!);
        byte[] bytes = File.ReadAllBytes(RecordOf(_signing));
        StoreImage.Write(orphan, bytes);
        StoreImage.Write(laterVersion, bytes);
        using (Keystore keys = Open())
        {
            EveryKeyWorks(keys);
            Assert.False(File.Exists(orphan));
            Assert.False(File.Exists(laterVersion));
            string[] lost = Directory.GetFiles(Path.Combine(_root, "lost"));
            Assert.Equal(
                new[] { orphan, laterVersion }.Select(path => "g1-" + Path.GetFileName(path)).Order(), lost.Select(path => Path.GetFileName(path)).Order());
            Assert.All(lost, path => Assert.Equal(bytes, File.ReadAllBytes(path)));
        }

        SortedDictionary<string, string> files = StoreImage.Digests(_root);
        using (Open())
        {
            // lost/ is nobody's to read again.
        }

        Assert.Equal(files, StoreImage.Digests(_root));
    }

    [Fact]
    public void A_destroyed_versions_public_key_is_trusted_only_as_the_journal_names_it()
    {
        string remains = Path.ChangeExtension(RecordOf(_destroyed), ".pub");
        byte[] good = File.ReadAllBytes(remains);
        using (Keystore keys = Open())
        {
            Assert.True(keys.Verify(_destroyed, "message"u8, _signature));
        }

        for (int i = 42; i < 42 + 32; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 1;
            StoreImage.Write(remains, bad);
            using Keystore keys = Open();
            Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Verify(_destroyed, "message"u8, _signature)));
            Assert.Equal(KeyState.Destroyed, keys.Get(_destroyed).State);
        }

        File.Delete(remains);
        using Keystore without = Open();
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => without.GetPublicKey(_destroyed)));
        EveryKeyWorks(without);
    }

    [Fact]
    public void A_destruction_that_was_cut_short_is_finished()
    {
        string journal = Encoding.UTF8.GetString(File.ReadAllBytes(Journal));
        string record = RecordOf(_signing);
        byte[] bytes = File.ReadAllBytes(record);
        using (Keystore keys = Open())
        {
            keys.Destroy(_signing);
        }

        string remains = Path.ChangeExtension(record, ".pub");
        byte[] header = File.ReadAllBytes(remains);
        File.Delete(remains);
        StoreImage.Write(record, bytes);
        using Keystore reopened = Open();
        Assert.False(File.Exists(record));
        Assert.Equal(header, File.ReadAllBytes(remains));
        Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => reopened.Sign(_signing, "message"u8)));
        Assert.StartsWith(journal, File.ReadAllText(Journal), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_lines_missing_at_the_end_go_unseen_without_an_anchor()
    {
        string[] lines = File.ReadAllLines(Journal);
        StoreImage.Write(Journal, Encoding.UTF8.GetBytes(string.Concat(lines[..^1].Select(line => line + "\n"))));
        using Keystore keys = Open();
        Assert.Equal("chain-only", keys.Assurance);
        Assert.Equal(lines.Length - 1, keys.CheckHealth().HeadSeq);
        Assert.True(keys.Get(_wrapping).IsLatest);
        Assert.Equal(KmsError.NoSuchKey, ErrorOf(() => keys.Get(_rotated)));
        Assert.True(File.Exists(Path.Combine(_root, "lost", "g1-" + Path.GetFileName(RecordOf(_rotated)))));
    }

    [Fact]
    public void A_line_missing_in_the_middle_is_damage()
    {
        string[] lines = File.ReadAllLines(Journal);
        for (int missing = 0; missing < lines.Length - 1; missing++)
        {
            RefusesWith(KmsError.SealedCorrupt, () => StoreImage.Write(
                Journal, Encoding.UTF8.GetBytes(string.Concat(lines.Where((_, i) => i != missing).Select(line => line + "\n")))));
        }
    }

    [Fact]
    public void A_torn_end_is_moved_aside_and_the_rest_works()
    {
        byte[] journal = File.ReadAllBytes(Journal);
        byte[] torn = "{\"alg\":\"ed255"u8.ToArray();
        StoreImage.Write(Journal, [.. journal, .. torn]);
        using (Keystore keys = Open())
        {
            EveryKeyWorks(keys);
        }

        Assert.Equal(journal, File.ReadAllBytes(Journal));
        Assert.Equal(torn, File.ReadAllBytes(Directory.GetFiles(Path.Combine(_root, "lost")).Single()));
    }

    [Fact]
    public void Flipped_bits_in_any_file_leave_every_file_as_it_is()
    {
        foreach (string file in Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            byte[] good = File.ReadAllBytes(file);
            bool isRecord = file.EndsWith(".ronk", StringComparison.Ordinal) || file.EndsWith(".pub", StringComparison.Ordinal);

            // Not the last byte, which in a journal is the newline of its last line.
            for (int i = 0; i < good.Length - 1; i += Math.Max(1, good.Length / 40))
            {
                byte[] bad = [.. good];
                bad[i] ^= (byte)(1 << (i % 8));
                StoreImage.Write(file, bad);
                SortedDictionary<string, string> before = StoreImage.Digests(_root);
                if (isRecord)
                {
                    Open().Dispose();
                }
                else
                {
                    KmsError error = Assert.Throws<KmsException>(Open).Error;
                    Assert.Contains(error, (KmsError[])[KmsError.SealedCorrupt, KmsError.NewerFormat]);
                }

                Assert.Equal(before, StoreImage.Digests(_root));
            }

            StoreImage.Write(file, good);
        }

        using Keystore keys = Open();
        EveryKeyWorks(keys);
    }

    private static string StoreIdOf(string root)
    {
        using JsonDocument description = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "store.json")));
        return description.RootElement.GetProperty("store_id").GetString()!;
    }

    private static KmsError ErrorOf(Action use) => Assert.Throws<KmsException>(use).Error;

    [UnsupportedOSPlatform("windows")]
    private static void PutOdd(string record, string what, string outside)
    {
        StoreImage.Write(record, new byte[what == "too long" ? 2 << 20 : 100]);
        switch (what)
        {
            case "too long":
                break;
            case "open to others":
                File.SetUnixFileMode(record, File.GetUnixFileMode(record) | UnixFileMode.OtherRead);
                break;
            case "a pipe":
                File.Delete(record);
                using (Process process = Process.Start("mkfifo", ["-m", "600", record])) process.WaitForExit();
                Assert.True(File.Exists(record));
                break;
            default:
                File.Delete(record);
                File.CreateSymbolicLink(record, what == "a link" ? outside : outside + ".none");
                break;
        }
    }

    private KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    private Keystore Open() => Keystore.Open("file:" + _root, Kek());

    private string RecordOf(KeyId id) =>
        Path.Combine(_root, "g1", "keys", id.Uuid.ToString("D")[..2], $"{id.Uuid:D}.v{id.Version}.ronk");

    private void EveryKeyWorks(Keystore keys)
    {
        Assert.True(keys.Verify(_signing, "message"u8, keys.Sign(_signing, "message"u8)));
        using SecretBytes plaintext = keys.Unwrap(_wrapping, keys.Wrap(_rotated, "message"u8));
        Assert.Equal("message"u8, plaintext.Reveal());
        Assert.Equal(KmsError.NotLatestVersion, ErrorOf(() => keys.Wrap(_wrapping, "message"u8)));
        Assert.Equal(KmsError.KeyDestroyed, ErrorOf(() => keys.Sign(_destroyed, "message"u8)));
    }

    /// <summary>Damages a store, sees the right refusal and no change, also when it is asked to make one; then puts everything back.</summary>
    private void RefusesWith(KmsError error, Action damage, Func<KeyEncryptionKey>? kek = null, string says = "")
    {
        string copy = StoreImage.Copy(_root, _directory["copy"]);
        damage();
        SortedDictionary<string, string> files = StoreImage.Digests(_root);
        KmsException refusal = Assert.Throws<KmsException>(() => Keystore.Open("file:" + _root, (kek ?? Kek)()));
        Assert.Equal(error, refusal.Error);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(files, StoreImage.Digests(_root));
        if (error != KmsError.StoreNotFound)
        {
            Assert.Equal(error, Assert.Throws<KmsException>(() => Keystore.OpenOrCreate("file:" + _root, (kek ?? Kek)())).Error);
            Assert.Equal(files, StoreImage.Digests(_root));
            Directory.Delete(_root, recursive: true);
            StoreImage.Copy(copy, _root);
        }

        Directory.Delete(copy, recursive: true);
    }
}
