using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Custody;

/// <summary>What is lost between journal, anchor and acknowledgement: never what was acknowledged, and never the way back in.</summary>
public sealed class AnchorFailureTests : IDisposable
{
    private static readonly byte[] s_kek = new byte[32];
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_whose_anchor_failed_is_not_acknowledged_and_ends_the_writing(bool afterwards)
    {
        MemoryAnchor anchor = new();
        string place = "file:" + _directory["store"];
        KeyId key;
        using (Keystore keys = Keystore.OpenOrCreate(place, Kek(), new() { Anchor = anchor }))
        {
            key = keys.Create("acme", "p", KeyAlgorithm.Ed25519);
            Action failure = () => throw new KmsException(KmsError.TokenUnavailable, "Unplugged, for the test.");
            (anchor.BeforeAdvance, anchor.AfterAdvance) = (afterwards ? null : failure, afterwards ? failure : null);

            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keys.Disable(key)).Error);

            Assert.False(keys.CheckHealth().IsWritable);
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.Sign(key, "m"u8)).Error);
            KmsException refusal = Assert.Throws<KmsException>(() => keys.Create("acme", "p", KeyAlgorithm.Ed25519));
            Assert.Equal(KmsError.StoreFailed, refusal.Error);
            Assert.Contains("Unplugged", refusal.Message, StringComparison.Ordinal);
            (anchor.BeforeAdvance, anchor.AfterAdvance) = (null, null);
            Assert.Throws<KmsException>(() => keys.Create("acme", "p", KeyAlgorithm.Ed25519));
        }

        using Keystore again = Keystore.Open(place, Kek(), new() { Anchor = anchor });
        Assert.Equal(KeyState.Disabled, again.Get(key).State);
        Assert.Equal(3, again.CheckHealth().HeadSeq);
        again.Enable(key);
    }

    [Fact]
    public void The_anchor_is_written_after_the_journal_is_durable_and_before_the_call_returns()
    {
        RecordedFiles files = new(_directory.Path);
        using Keystore keys = Keystore.OpenOrCreate(
            FileStore.Open(_directory["store"], Creating, files), Kek(), new() { Anchor = new FileAnchor(_directory["anchors"], files) });
        files.Log.Clear();

        keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm);

        int flushed = files.Log.IndexOf("sync data store/g1/journal.jsonl");
        Assert.InRange(flushed, 1, files.Log.Count - 1);
        Assert.All(files.Log[..flushed], entry => Assert.DoesNotContain("anchors", entry, StringComparison.Ordinal));
        Assert.All(files.Log[(flushed + 1)..], entry => Assert.Contains("anchors", entry, StringComparison.Ordinal));
        Assert.Equal("sync directory anchors", files.Log[^1]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void After_a_power_cut_at_any_moment_the_store_opens_with_all_that_was_acknowledged(int seed, bool attaches)
    {
        for (int cutAt = 1; ; cutAt++)
        {
            using TemporaryDirectory before = TemporaryDirectory.InMemory();
            using TemporaryDirectory after = TemporaryDirectory.InMemory();
            PowerCutFiles files = new(before.Path, cutAt);
            KeystoreHealth? acknowledged = Live(before, files, attaches);
            files.Restore(after.Path, seed == 0 ? null : new Random((seed * 1000) + cutAt));
            try
            {
                Check(after, acknowledged, attaches);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Power cut on change {cutAt}, acknowledged: {acknowledged}: {unexpected}");
            }

            if (!files.IsCut)
            {
                Assert.Equal(attaches ? 7 : 5, acknowledged!.HeadSeq);
                Assert.True(cutAt > 60, "Too few changes were seen for this to be a test.");
                return;
            }
        }
    }

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(s_kek);

    /// <summary>The life of a store until the power goes.</summary>
    /// <returns>Its health after the last change that was acknowledged.</returns>
    private static KeystoreHealth? Live(TemporaryDirectory directory, FileOperations files, bool attaches)
    {
        KeystoreHealth? acknowledged = null;
        try
        {
            FileAnchor anchor = new(directory["anchors"], files);
            using Keystore keys = Keystore.OpenOrCreate(
                FileStore.Open(directory["store"], Creating, files), Kek(), new() { Anchor = attaches ? null : anchor });
            KeyId? key = null;
            Action[] changes = attaches
                ?
                [
                    () => key = keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm),
                    () => keys.AttachAnchor(anchor),
                    () => keys.Rotate(key!),
                    keys.DetachAnchor,
                    () => keys.Disable(key!),
                    () => keys.AttachAnchor(anchor),
                ]
                :
                [
                    () => key = keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm),
                    () => keys.Rotate(key!),
                    () => keys.Destroy(key!),
                    () => keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm),
                ];
            acknowledged = keys.CheckHealth();
            foreach (Action change in changes)
            {
                change();
                acknowledged = keys.CheckHealth();
            }
        }
        catch (KmsException failure) when (failure.Message.Contains("Injected", StringComparison.Ordinal))
        {
            // The power is gone; what is looked at is the disk.
        }

        return acknowledged;
    }

    private static void Check(TemporaryDirectory directory, KeystoreHealth? acknowledged, bool attaches)
    {
        FileAnchor anchor = new(directory["anchors"]);
        Keystore? opened = null;
        try
        {
            opened = Keystore.OpenOrCreate("file:" + directory["store"], Kek(), new() { Anchor = anchor });
        }
        catch (KmsException refusal) when (attaches && refusal.Message.Contains("names no anchor", StringComparison.Ordinal))
        {
            opened = Keystore.OpenOrCreate("file:" + directory["store"], Kek());
            opened.AttachAnchor(anchor);
        }

        using (opened)
        {
            Assert.Equal("anchored:file", opened.Assurance);
            opened.Create("acme", "q", KeyAlgorithm.Aes256Gcm);
        }

        if (acknowledged is not null)
        {
            byte[] line = System.Text.Encoding.UTF8.GetBytes(File.ReadAllLines(directory["store", "g1", "journal.jsonl"])[(int)acknowledged.HeadSeq - 1]);
            Assert.Equal(acknowledged.Head, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(line)));
        }

        Keystore.Open("file:" + directory["store"], Kek(), new() { Anchor = anchor }).Dispose();
    }
}
