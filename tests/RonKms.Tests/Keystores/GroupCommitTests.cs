using System.Collections.Concurrent;
using System.Text.Json;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>Changes that come while another one is written go together, and each caller gets its own answer.</summary>
public sealed class GroupCommitTests : IDisposable
{
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<StoreCommit> _commits = new();
    private readonly MemoryStore _shared = new();
    private readonly SpyStore _store;
    private readonly Keystore _keystore;
    private readonly byte[] _kek = new byte[32];

    public GroupCommitTests()
    {
        _store = new SpyStore(_shared) { OnCommit = _commits.Enqueue };
        _keystore = Keystore.OpenOrCreate(_store, KeyEncryptionKey.FromBytes(_kek));
    }

    public void Dispose() => _keystore.Dispose();

    [Fact]
    public void Changes_that_wait_share_one_commit_in_the_order_in_which_they_came()
    {
        KeyId rotated = Create();
        KeyId disabled = Create();
        KeyId destroyed = Create();
        KeyId?[] made = new KeyId?[3];
        List<long> told = [];
        using IDisposable subscription = _shared.OnAppended(told.Add);

        Exception?[] failures = WhileOneIsWritten(
            () => made[0] = Create(),
            () => made[1] = _keystore.Rotate(rotated),
            () => _keystore.Disable(disabled),
            () => _keystore.DestroyAllVersions(destroyed),
            () => made[2] = _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[32]));

        Assert.All(failures, Assert.Null);
        Assert.Equal([1, 5], GroupSizes());
        Assert.Equal([5, 10], told);
        JsonElement[] lines = Lines()[^5..];
        Assert.Equal(["create", "rotate", "disable", "destroy", "import"], lines.Select(line => line.GetProperty("op").GetString()));
        Assert.Equal([6, 7, 8, 9, 10], lines.Select(line => line.GetProperty("seq").GetInt64()));
        Assert.All(lines, line => Assert.Equal(5, line.GetProperty("base").GetInt64()));
        Assert.Equal([made[0]!.ToString(), rotated.WithVersion(2).ToString(), disabled.ToString(), destroyed.ToString(), made[2]!.ToString()],
            lines.Select(line => line.GetProperty("kid").GetString()));
        AssertReopens(6);
    }

    [Fact]
    public void Of_two_rotations_of_one_version_one_wins_and_the_other_is_told_so()
    {
        KeyId key = Create();

        Exception?[] failures = WhileOneIsWritten(() => _keystore.Rotate(key), () => Create(), () => _keystore.Rotate(key));

        Assert.Null(failures[0]);
        Assert.Null(failures[1]);
        Assert.Equal(KmsError.NotLatestVersion, Assert.IsType<KmsException>(failures[2]).Error);
        Assert.Equal([1, 2], GroupSizes());
        Assert.Equal(2u, _keystore.Get(key.Latest).LatestVersion);
        AssertReopens(3);
    }

    [Fact]
    public void Changes_of_one_key_go_one_after_the_other()
    {
        KeyId key = Create();

        Exception?[] failures = WhileOneIsWritten(
            () => _keystore.Rotate(key.Latest),
            () => _keystore.Rotate(key.Latest),
            () => _keystore.Disable(key),
            () => Create(),
            () => _keystore.Rotate(key.Latest));

        Assert.All(failures, Assert.Null);
        Assert.Equal([1, 2, 1, 1, 1], GroupSizes());
        Assert.Equal(["rotate", "create", "rotate", "disable", "rotate"], Lines()[^5..].Select(line => line.GetProperty("op").GetString()));
        Assert.Equal(4u, _keystore.Get(key.Latest).LatestVersion);
        AssertReopens(3);
    }

    [Fact]
    public void A_key_that_is_imported_twice_at_once_is_held_once()
    {
        byte[] secret = new byte[32];
        secret[0] = 7;

        Exception?[] failures = WhileOneIsWritten(
            () => _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, secret),
            () => _keystore.Import("acme", "q", KeyAlgorithm.Ed25519, secret),
            () => _keystore.Import("acme", "r", KeyAlgorithm.X25519, secret));

        Assert.Null(failures[0]);
        Assert.Equal(KmsError.ImportRefused, Assert.IsType<KmsException>(failures[1]).Error);
        Assert.Null(failures[2]);
        Assert.Equal([1, 1, 1], GroupSizes());
        AssertReopens(3);
    }

    [Fact]
    public void A_change_that_is_refused_fails_its_caller_alone()
    {
        KeyId destroyed = Create();
        _keystore.Destroy(destroyed);

        Exception?[] failures = WhileOneIsWritten(() => Create(), () => _keystore.Enable(destroyed), () => Create());

        Assert.Null(failures[0]);
        Assert.Equal(KmsError.KeyDestroyed, Assert.IsType<KmsException>(failures[1]).Error);
        Assert.Null(failures[2]);
        Assert.Equal([1, 2], GroupSizes());
    }

    [Fact]
    public void A_write_that_fails_fails_all_that_shared_it_and_all_that_come_later()
    {
        KeyId key = Create();
        KeyId other = Create();
        int written = 0;

        Exception?[] failures = WhileOneIsWritten(
            _ =>
            {
                if (written++ > 0) throw new KmsException(KmsError.StoreFailed, "The disk is full, for the test.");
            },
            [() => Create(), () => _keystore.Disable(key), () => _keystore.Rotate(other)]);

        Assert.All(failures, failure => Assert.Equal(KmsError.StoreFailed, Assert.IsType<KmsException>(failure).Error));
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(Create).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => _keystore.Sign(key, "m"u8)).Error);
        _keystore.Sign(other, "m"u8);
        Assert.False(_keystore.CheckHealth().IsWritable);
    }

    [Fact]
    public void A_group_has_an_end()
    {
        KeyId[] keys = [Create(), Create(), Create()];
        Assert.All(keys, key =>
        {
            for (int i = 1; i < 200; i++) _keystore.Rotate(key.Latest);
        });

        Exception?[] failures = WhileOneIsWritten([.. keys.Select(key => (Action)(() => _keystore.DestroyAllVersions(key)))]);

        Assert.All(failures, Assert.Null);
        Assert.Equal([1, 400, 200], GroupSizes());
        AssertReopens(4);
    }

    [Fact]
    public void Whoever_waits_when_the_keystore_is_closed_gets_an_answer()
    {
        Exception?[] failures = WhileOneIsWritten(() => Create(), () => Create(), _keystore.Dispose);

        // What waited was written before the end, or it is told that it came too late.
        Assert.All(failures[..2], failure => Assert.True(failure is null or ObjectDisposedException, failure?.ToString()));
        Assert.Null(failures[2]);
        Assert.Throws<ObjectDisposedException>(Create);
    }

    [Fact]
    public async Task Many_threads_make_all_their_keys()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        MemoryAnchor anchor = new();
        using Keystore keystore = Keystore.OpenOrCreate("file:" + directory["store"], KeyEncryptionKey.FromBytes(_kek), new() { Anchor = anchor });
        using Barrier together = new(8);

        KeyId[][] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                Assert.True(together.SignalAndWait(s_tooLong));
                return Enumerable.Range(0, 25).Select(_ => keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm)).ToArray();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(200, made.SelectMany(keys => keys).Distinct().Count());
        keystore.Dispose();
        using Keystore again = Keystore.Open("file:" + directory["store"], KeyEncryptionKey.FromBytes(_kek), new() { Anchor = anchor });
        Assert.Equal(200, again.List().Count);
        Assert.Equal(201, again.CheckHealth().HeadSeq);
        Assert.All(made.SelectMany(keys => keys), key => again.Wrap(key, "m"u8));
    }

    [Fact]
    public void Sixteen_callers_share_one_flush_and_one_write_of_the_anchor()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        CountedFiles files = new();
        int advances = 0;
        MemoryAnchor anchor = new();
        using Keystore keystore = Keystore.OpenOrCreate(
            FileStore.Open(directory["store"], FileStores.Creating, files), KeyEncryptionKey.FromBytes(_kek), new() { Anchor = anchor });
        anchor.BeforeAdvance = () => advances++;
        files.Flushes = 0;

        Exception?[] failures = WhileOneIsWritten(
            keystore,
            held => files.OnFlush = held,
            [.. Enumerable.Range(0, 16).Select(_ => (Action)(() => keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm)))]);

        Assert.All(failures, Assert.Null);
        Assert.Equal(17, keystore.List().Count);
        Assert.Equal(2, files.Flushes);
        Assert.Equal(2, advances);
    }

    private KeyId Create() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

    private Exception?[] WhileOneIsWritten(params Action[] changes) => WhileOneIsWritten(_ => { }, changes);

    private Exception?[] WhileOneIsWritten(Action<StoreCommit> onCommit, Action[] changes)
    {
        _commits.Clear();
        return WhileOneIsWritten(
            _keystore,
            held => _store.OnCommit = commit =>
            {
                _commits.Enqueue(commit);
                onCommit(commit);
                held();
            },
            changes);
    }

    /// <summary>Makes a key, and while that is being written lets others come, one after the other.</summary>
    /// <param name="keystore">The keystore.</param>
    /// <param name="hold">Given what to call while the first change is written; later calls pass.</param>
    /// <param name="changes">What the others do.</param>
    /// <returns>What each of them threw.</returns>
    private static Exception?[] WhileOneIsWritten(Keystore keystore, Action<Action> hold, Action[] changes)
    {
        using ManualResetEventSlim stuck = new();
        using ManualResetEventSlim release = new();
        hold(() =>
        {
            stuck.Set();
            Assert.True(release.Wait(s_tooLong));
        });
        Thread first = Started(() => keystore.Create("acme", "first", KeyAlgorithm.Aes256Gcm));
        Assert.True(stuck.Wait(s_tooLong));

        Exception?[] failures = new Exception?[changes.Length];
        List<Thread> threads = [first];
        for (int i = 0; i < changes.Length; i++)
        {
            int mine = i;
            Thread thread = Started(() => failures[mine] = Record.Exception(changes[mine]));
            threads.Add(thread);

            // It waits for the lock once it has queued its change: so the order is known.
            Assert.True(SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), s_tooLong));
        }

        release.Set();
        Assert.All(threads, thread => Assert.True(thread.Join(s_tooLong)));
        return failures;
    }

    private static Thread Started(Action work)
    {
        Thread thread = new(() => work());
        thread.Start();
        return thread;
    }

    private int[] GroupSizes() => [.. _commits.Select(commit => commit.Lines.Count)];

    private JsonElement[] Lines() =>
    [
        .. System.Text.Encoding.UTF8.GetString(_shared.ReadJournal(0).Bytes.Span)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement),
    ];

    private void AssertReopens(int keys)
    {
        using Keystore again = Keystore.Open(new SpyStore(_shared), KeyEncryptionKey.FromBytes(_kek));
        Assert.Equal(keys, again.List().Count);
        Assert.Equal(_keystore.CheckHealth().Head, again.CheckHealth().Head);
    }

    private sealed class CountedFiles : FileOperations
    {
        internal int Flushes { get; set; }

        internal Action? OnFlush { get; set; }

        internal override void SyncData(Microsoft.Win32.SafeHandles.SafeFileHandle file, string path)
        {
            Flushes++;
            OnFlush?.Invoke();
            base.SyncData(file, path);
        }
    }
}
