using System.Text;
using Microsoft.Extensions.Logging;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Keystores;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>What no restore may do: lose keys that are there, undo a change of the key-encryption key, bring back what was destroyed.</summary>
public sealed class RestoreSafetyTests : IDisposable
{
    private static readonly byte[] s_first = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_second = [.. Enumerable.Repeat((byte)2, 32)];
    private static readonly byte[] s_third = [.. Enumerable.Repeat((byte)3, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly ManualTimeProvider _time = new();
    private CapturedLog _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Root => _directory["store"];

    private string Place => "file:" + Root;

    private string BackupPath => _directory["backup"];

    private string StoreJson => Path.Combine(Root, "store.json");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Over_an_intact_store_under_another_kek_a_restore_is_refused_until_both_are_given(bool isReseal)
    {
        KeyEvidence evidence = CreateAndBackUp();
        KeyId since = ChangeKek(isReseal);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);

        KmsException refusal = Assert.Throws<KmsException>(() => Restore(s_first));

        Assert.Equal(KmsError.WrongKek, refusal.Error);
        Assert.Contains("Give that one as kek, and the backup's as backupKek", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("move the directory away", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, StoreImage.Digests(Root));

        using (Keystore keys = Restore(s_second, backupKek: s_first))
        {
            evidence.Check(keys, since);
            Assert.True(keys.Verify(since, "m"u8, keys.Sign(since, "m"u8)));
        }

        Assert.Equal(KmsError.WrongKek, Error(() => Open(s_first)));
        Open(s_second).Dispose();
    }

    [Fact]
    public void A_backup_that_no_kek_given_opens_is_named_and_nothing_changes()
    {
        CreateAndBackUp();
        ChangeKek(isReseal: true);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);

        foreach (byte[]? other in (byte[]?[])[null, s_third])
        {
            KmsException refusal = Assert.Throws<KmsException>(() => Restore(s_second, other));
            Assert.Equal(KmsError.WrongKek, refusal.Error);
            Assert.Contains(BackupPath, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, StoreImage.Digests(Root));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("store.json")]
    [InlineData("journal.jsonl")]
    public void Whatever_lies_there_the_result_is_under_the_kek_and_not_under_the_backups(string damaged)
    {
        KeyEvidence evidence = CreateAndBackUp();
        ChangeKek(isReseal: true);
        if (damaged == "nothing") Directory.Delete(Root, recursive: true);
        if (damaged == "store.json") StoreImage.Write(StoreJson, "{}"u8);
        if (damaged == "journal.jsonl") StoreImage.Write(Path.Combine(Root, "g2", "journal.jsonl"), "{}\n"u8);

        using (Keystore keys = Restore(s_second, backupKek: s_first))
        {
            keys.Enable(evidence.Signing);
            _ = keys.Sign(evidence.Signing, "m"u8);
        }

        Assert.Equal(KmsError.WrongKek, Error(() => Open(s_first)));
        Open(s_second).Dispose();
    }

    [Fact]
    public void A_change_of_kek_that_was_cut_short_keeps_no_restore_from_either_kek()
    {
        foreach (byte[] kek in (byte[][])[s_first, s_second])
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = directory["store"];
            KeyEvidence evidence;
            byte[] old;
            using (Keystore keys = Keystore.OpenOrCreate("file:" + root, KeyEncryptionKey.FromBytes(s_first), Options()))
            {
                evidence = new(keys, _time.GetUtcNow());
                keys.Backup(directory["backup"]);
                old = File.ReadAllBytes(Path.Combine(root, "store.json"));
                keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
            }

            File.Move(Path.Combine(root, "store.json"), Path.Combine(root, "store.json.next"));
            StoreImage.Write(Path.Combine(root, "store.json"), old);

            using (Keystore keys = Keystore.Restore(
                directory["backup"], "file:" + root, KeyEncryptionKey.FromBytes(kek), Options(), KeyEncryptionKey.FromBytes(s_first)))
            {
                evidence.Check(keys);
            }

            Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(kek), Options()).Dispose();
            Assert.False(File.Exists(Path.Combine(root, "store.json.next")));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_backups_kek_is_disposed_whether_it_was_needed_or_not(bool isRefused)
    {
        CreateAndBackUp();
        KeyEncryptionKey backupKek = KeyEncryptionKey.FromBytes(s_first);
        if (isRefused)
        {
            Assert.Throws<KmsException>(() => Keystore.Restore(BackupPath + "2", Place, KeyEncryptionKey.FromBytes(s_first), Options(), backupKek));
        }
        else
        {
            Keystore.Restore(BackupPath, Place, KeyEncryptionKey.FromBytes(s_first), Options(), backupKek).Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => backupKek.Wrap(new byte[32], out _));
    }

    [Fact]
    public void A_description_that_a_blind_restore_replaces_is_kept_in_lost()
    {
        CreateAndBackUp();
        byte[] description = File.ReadAllBytes(StoreJson);
        StoreImage.Write(StoreJson + ".next", [7, 7]);
        StoreImage.Write(Path.Combine(Root, "g1", "journal.jsonl"), "{}\n"u8);

        Restore(s_first).Dispose();

        Assert.Equal(description, File.ReadAllBytes(Path.Combine(Root, "lost", "store.json")));
        Assert.Equal([7, 7], File.ReadAllBytes(Path.Combine(Root, "lost", "store.json.next")));
        Assert.False(File.Exists(StoreJson + ".next"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Over_an_older_description_beside_the_live_generation_nothing_is_restored(bool isReseal)
    {
        KeyEvidence evidence = CreateAndBackUp();
        byte[] old = File.ReadAllBytes(StoreJson);
        KeyId since = Replace(isReseal, evidence);
        byte[] right = File.ReadAllBytes(StoreJson);
        StoreImage.Write(StoreJson, old);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);

        KmsException[] refusals =
        [
            Assert.Throws<KmsException>(() => Open(s_first)),
            Assert.Throws<KmsException>(() => Restore(s_first)),
            Assert.Throws<KmsException>(() => Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_first), Options())),
        ];

        Assert.All(refusals, refusal =>
        {
            Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
            Assert.Contains("store.json is likely an older copy", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("missing-store-json.md", refusal.Message, StringComparison.Ordinal);
        });
        Assert.Contains("move g2 out of the directory", refusals[1].Message, StringComparison.Ordinal);
        Assert.Equal(before, StoreImage.Digests(Root));

        StoreImage.Write(StoreJson, right);
        using (Keystore keys = Restore(s_first)) evidence.Check(keys, since);

        // Whoever wants to do without it moves it out.
        Directory.Move(Path.Combine(Root, "g3"), _directory["g3"]);
        StoreImage.Write(StoreJson, old);
        using Keystore without = Restore(s_first);
        Assert.Equal(KeyState.Disabled, without.Get(evidence.Signing).State);
    }

    [Fact]
    public void Beside_an_unreadable_generation_a_later_one_is_not_done_without_unless_a_restore_left_it()
    {
        KeyEvidence evidence = CreateAndBackUp();
        string image = StoreImage.Copy(Root, _directory["image"]);
        StoreImage.Write(Path.Combine(image, "g1", "journal.jsonl"), "{}\n"u8);
        Replace(isReseal: false, evidence);
        string later = StoreImage.Copy(Path.Combine(Root, "g2"), _directory["later"]);
        PutBack(image, later);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);
        Assert.Equal(KmsError.SealedCorrupt, Error(() => Restore(s_first)));
        Assert.Equal(before, StoreImage.Digests(Root));

        // What a restore made and never counted: it is done again.
        PutBack(image, null);
        Restore(s_first).Dispose();
        later = StoreImage.Copy(Path.Combine(Root, "g2"), _directory["restored"]);
        PutBack(image, later);
        using (Keystore keys = Restore(s_first)) keys.Enable(evidence.Signing);

        // Once it was changed it counted.
        later = StoreImage.Copy(Path.Combine(Root, "g3"), _directory["changed"]);
        PutBack(image, null);
        Directory.Move(later, Path.Combine(Root, "g3"));
        Assert.Equal(KmsError.SealedCorrupt, Error(() => Restore(s_first)));
    }

    [Theory]
    [InlineData("cut after it")]
    [InlineData("damaged before it")]
    [InlineData("archived")]
    [InlineData("store put back")]
    public void What_any_journal_there_says_is_destroyed_stays_destroyed_in_a_blind_restore(string where)
    {
        KeyEvidence evidence = CreateAndBackUp();
        string old = StoreImage.Copy(Root, _directory["old"]);
        using (Keystore keys = Open(s_first))
        {
            keys.Create("acme", "before", KeyAlgorithm.Ed25519);
            keys.Destroy(evidence.Signing);
            keys.Create("acme", "since", KeyAlgorithm.Ed25519);
            if (where is "archived" or "store put back") Assert.True(Lengthened(keys, evidence.Wrapping).Compact(cancellation: Cancel));
        }

        switch (where)
        {
            case "store put back":
                string g2 = StoreImage.Copy(Path.Combine(Root, "g2"), _directory["g2"]);
                PutBack(old, g2);
                break;
            case "archived":
                StoreImage.Write(Path.Combine(Root, "g2", "journal.jsonl"), "{}\n"u8);
                break;
            default:
                string journal = Path.Combine(Root, "g1", "journal.jsonl");
                string[] lines = File.ReadAllLines(journal);
                int destroyed = Array.FindIndex(lines, line => line.Contains("\"op\":\"destroy\"", StringComparison.Ordinal) && line.Contains(evidence.Signing.Uuid.ToString(), StringComparison.Ordinal));
                lines[where == "cut after it" ? destroyed + 1 : destroyed - 1] = "{}";
                StoreImage.Write(journal, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
                break;
        }

        using Keystore restored = where == "store put back"
            ? Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_first), Options())
            : Restore(s_first);

        Assert.Equal(KeyState.Destroyed, restored.Get(evidence.Signing).State);
        Assert.Equal(KeyState.Disabled, restored.Get(evidence.Signing.WithVersion(1)).State);
        Assert.NotEmpty(restored.GetPublicKey(evidence.Signing).Raw.ToArray());
        Assert.Contains("True; ", Assert.Single(_log.Entries, entry => entry.Name == "Restored").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_that_opens_as_it_is_is_not_restored_in_place(bool isAnchored)
    {
        FileAnchor? anchor = isAnchored ? new FileAnchor(_directory["anchor"]) : null;
        KeyEvidence evidence = CreateAndBackUp(anchor);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);

        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(
            () => Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_first), Options(anchor)));

        Assert.Contains("nothing to restore", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, StoreImage.Digests(Root));
        using Keystore keys = Keystore.Open(Place, KeyEncryptionKey.FromBytes(s_first), Options(anchor));
        evidence.Check(keys);
    }

    [Fact]
    public void A_restore_is_told_of_with_what_it_was_made_from_and_what_it_disabled()
    {
        CreateAndBackUp();
        Restore(s_first).Dispose();
        string told = Told();
        Assert.Contains($"the backup {BackupPath} and the journal of generation 1 up to line ", told, StringComparison.Ordinal);
        Assert.Contains("False; 0 key versions", told, StringComparison.Ordinal);

        byte[] old = File.ReadAllBytes(StoreJson);
        int enabled;
        using (Keystore keys = Open(s_first))
        {
            enabled = keys.List(new KeyFilter { AllVersions = true }).Count(info => info.State == KeyState.Enabled);
            keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        }

        StoreImage.Write(StoreJson, old);
        _log = new CapturedLog();
        Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_first), Options()).Dispose();
        told = Told();
        Assert.Contains("from the journal of generation 2 up to line ", told, StringComparison.Ordinal);
        Assert.Contains($"True; {enabled} key versions", told, StringComparison.Ordinal);
        Assert.InRange(enabled, 2, 100);

        string Told()
        {
            (LogLevel level, _, string text) = Assert.Single(_log.Entries, entry => entry.Name == "Restored");
            Assert.Equal(LogLevel.Warning, level);
            Assert.Contains(Root, text, StringComparison.Ordinal);
            return text;
        }
    }

    private static KmsError Error(Action act) => Assert.Throws<KmsException>(act).Error;

    private static Keystore Lengthened(Keystore keys, KeyId id)
    {
        for (int i = 0; i < 30; i++)
        {
            keys.Disable(id);
            keys.Enable(id);
        }

        return keys;
    }

    private KeyEvidence CreateAndBackUp(IRollbackAnchor? anchor = null)
    {
        using Keystore keys = Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromBytes(s_first), Options(anchor));
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        keys.Backup(BackupPath);
        return evidence;
    }

    /// <summary>Puts the store under the second key-encryption key, and makes a key.</summary>
    private KeyId ChangeKek(bool isReseal)
    {
        using Keystore keys = Open(s_first);
        if (isReseal) keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
        else keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        return keys.Create("acme", "since", KeyAlgorithm.Ed25519);
    }

    /// <summary>Puts a second generation in the first one's place, and makes a key.</summary>
    private KeyId Replace(bool isReseal, KeyEvidence evidence)
    {
        using Keystore keys = Open(s_first);
        if (isReseal) keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        else Assert.True(Lengthened(keys, evidence.Wrapping).Compact(cancellation: Cancel));
        return keys.Create("acme", "since", KeyAlgorithm.Ed25519);
    }

    /// <summary>Puts a copy of the store back, with a later generation's directory beside it.</summary>
    private void PutBack(string image, string? later)
    {
        Directory.Delete(Root, recursive: true);
        StoreImage.Copy(image, Root);
        if (later is not null) Directory.Move(later, Path.Combine(Root, "g2"));
    }

    private Keystore Open(byte[] kek) => Keystore.Open(Place, KeyEncryptionKey.FromBytes(kek), Options());

    private Keystore Restore(byte[] kek, byte[]? backupKek = null) => Keystore.Restore(
        BackupPath, Place, KeyEncryptionKey.FromBytes(kek), Options(), backupKek is null ? null : KeyEncryptionKey.FromBytes(backupKek));

    private KeystoreOptions Options(IRollbackAnchor? anchor = null) => new() { TimeProvider = _time, LoggerFactory = _log, Anchor = anchor };
}
