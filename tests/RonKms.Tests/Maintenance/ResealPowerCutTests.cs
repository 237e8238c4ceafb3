using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Cuts the power on each change of a reseal; whatever the disk then holds, it is the old store or the new one.</summary>
public sealed class ResealPowerCutTests
{
    private const int NothingUnflushed = 0;
    private static readonly byte[] s_old = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_new = [.. Enumerable.Repeat((byte)2, 32)];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 5)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_power_cut_leaves_the_old_or_the_new(int seed)
    {
        int cuts = 0;
        for (int cutAt = 1; ; cutAt++)
        {
            using TemporaryDirectory before = TemporaryDirectory.InMemory();
            using TemporaryDirectory after = TemporaryDirectory.InMemory();
            PowerCutFiles files = new(before.Path, cutAt);
            (KeyEvidence? evidence, bool isResealed) = Live(before["store"], files);
            if (evidence is null) continue;

            cuts++;
            files.Restore(after.Path, seed == NothingUnflushed ? null : new Random((seed * 1000) + cutAt));
            try
            {
                Check(after["store"], evidence, isResealed);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Power cut on change {cutAt}: {unexpected}");
            }

            if (!files.IsCut)
            {
                Assert.True(isResealed);
                Assert.True(cuts > 60, $"Only {cuts} changes were seen.");
                return;
            }
        }
    }

    /// <summary>The keys, if all were made before the power was cut; and whether the reseal was reported to be done.</summary>
    private static (KeyEvidence? Evidence, bool IsResealed) Live(string root, FileOperations files)
    {
        KeyEvidence? evidence = null;
        try
        {
            FileStore store = FileStore.Open(root, FileStores.Creating, files);
            using Keystore keys = Keystore.OpenOrCreate(store, KeyEncryptionKey.FromBytes(s_old));
            evidence = new KeyEvidence(keys, DateTimeOffset.UtcNow);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_new), cancellation: TestContext.Current.CancellationToken);
            return (evidence, true);
        }
        catch (KmsException failure) when (failure.Message.Contains("Injected", StringComparison.Ordinal))
        {
            return (evidence, false);
        }
    }

    private static void Check(string root, KeyEvidence evidence, bool isResealed)
    {
        bool isNew = File.ReadAllText(Path.Combine(root, "store.json")).Contains("\"gen\":2", StringComparison.Ordinal);
        Assert.True(isNew || !isResealed);
        using (Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(isNew ? s_new : s_old)))
        {
            evidence.Check(keys);
            keys.Rotate(evidence.Wrapping);
        }

        Assert.Single(Directory.GetDirectories(root, "g*"));
        using Keystore again = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(isNew ? s_new : s_old));
        evidence.CheckDisabledKey(again);
    }
}
