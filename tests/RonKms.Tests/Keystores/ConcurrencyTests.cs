using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

/// <summary>Many threads on one keystore. Threads are real; nothing waits for the clock.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(16_384)]
    [InlineData(1)]
    public async Task Under_rotation_every_signature_verifies_under_the_version_it_names(int openedKeyLimit)
    {
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { OpenedKeyLimit = openedKeyLimit });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId busy = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        ConcurrentBag<uint> versions = [];
        using CountdownEvent ready = new(3);
        bool rotated = false;

        await Together(
            Rotate,
            () => SignUntilRotated(key.Latest),
            () => SignUntilRotated(busy));

        Assert.InRange(versions.Distinct().Count(), 2, 301);

        void Rotate()
        {
            Meet(ready);
            for (int i = 0; i < 300; i++)
            {
                keystore.Rotate(key.Latest);
            }

            Volatile.Write(ref rotated, true);
        }

        void SignUntilRotated(KeyId with)
        {
            byte[] signature = new byte[64];
            Meet(ready);
            for (bool last = false; !last;)
            {
                last = Volatile.Read(ref rotated);
                keystore.Sign(with, "m"u8, signature, out KeyId signedBy);
                Assert.True(keystore.Verify(signedBy, "m"u8, signature));
                versions.Add(signedBy.Version);
            }
        }
    }

    [Fact]
    public async Task Under_rotation_every_envelope_opens_and_every_attestation_is_of_its_head()
    {
        using Keystore keystore = Keystore.InMemory();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        KeyId attester = keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
        bool rotated = false;

        await Together(Rotate, Wrap, Attest);

        void Rotate()
        {
            for (int i = 0; i < 200; i++)
            {
                keystore.Rotate(key.Latest);
                keystore.Rotate(attester.Latest);
            }

            Volatile.Write(ref rotated, true);
        }

        void Wrap()
        {
            for (bool last = false; !last;)
            {
                last = Volatile.Read(ref rotated);
                keystore.Unwrap(key, keystore.Rewrap(key, keystore.Wrap(key.Latest, "m"u8))).Dispose();
            }
        }

        void Attest()
        {
            for (bool last = false; !last;)
            {
                last = Volatile.Read(ref rotated);
                Attestation attestation = keystore.Attest(key.Latest);
                using JsonDocument json = JsonDocument.Parse(attestation.Json);
                long newest = json.RootElement.GetProperty("lines").EnumerateArray().Max(line => line.GetProperty("seq").GetInt64());
                Assert.InRange(newest, 1, json.RootElement.GetProperty("seq").GetInt64());
                Assert.True(Attestation.Verify(attestation.Json.Span, attestation.Signature.Span, keystore.GetPublicKey(attestation.SignedBy!)));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_made_at_once_are_all_there_and_found_at_once(bool inFile)
    {
        using Keystore keystore = Open(inFile);
        KeyId[][] made = new KeyId[4][];

        await Together([.. Enumerable.Range(0, made.Length).Select(n => (Action)(() => made[n] = [.. Enumerable.Range(0, 50).Select(_ => Make(n))]))]);

        KeyId[] all = [.. made.SelectMany(keys => keys)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all.ToHashSet(), keystore.List().Select(info => info.Id).ToHashSet());
        Assert.Equal(1 + all.Length, keystore.CheckHealth().HeadSeq);

        KeyId Make(int n)
        {
            KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            KeyId found = keystore.FindCurrent("acme", "p")!;
            Assert.True(keystore.Verify(found, "m"u8, keystore.Sign(found, "m"u8)));
            Assert.InRange(n, 0, 3);
            return key;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Of_rotations_of_one_version_at_once_exactly_one_happens(int rounds)
    {
        using Keystore keystore = Keystore.InMemory();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        for (int round = 0; round < rounds; round++)
        {
            KeyId current = keystore.Get(key.Latest).Id;
            ConcurrentBag<KeyId> done = [];
            ConcurrentBag<KmsError> refused = [];
            using CountdownEvent ready = new(4);

            await Together([.. Enumerable.Repeat((Action)Rotate, 4)]);

            Assert.Equal(current.Version + 1, Assert.Single(done).Version);
            Assert.Equal([KmsError.NotLatestVersion, KmsError.NotLatestVersion, KmsError.NotLatestVersion], refused);

            void Rotate()
            {
                Meet(ready);
                try
                {
                    done.Add(keystore.Rotate(current));
                }
                catch (KmsException e)
                {
                    refused.Add(e.Error);
                }
            }
        }
    }

    [Fact]
    public async Task Unconditional_rotations_at_once_all_happen_and_guards_end_with_the_version_that_was_made()
    {
        RecordingGuard guard = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Guards = { guard } });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        guard.Forget();
        ConcurrentBag<KeyId> made = [];
        using Barrier guarded = new(2);

        // Both have passed their guards before either writes, so that both were told of version 2.
        guard.OnBefore = _ => guarded.SignalAndWait(s_tooLong);
        await Together(() => made.Add(keystore.Rotate(key.Latest)), () => made.Add(keystore.Rotate(key.Latest)));

        Assert.Equal([2u, 3u], made.Select(id => id.Version).Order());
        Assert.Equal([2u, 2u], guard.Begun.Select(op => op.Key.Version));
        Assert.Equal([2u, 3u], guard.Ended.Select(ended => ended.Operation.Key.Version).Order());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 100)]
    [InlineData(true, 1)]
    [InlineData(true, 100)]
    public async Task Disposal_lets_calls_under_way_end_well_or_tells_that_the_keystore_is_disposed(bool inFile, int calls)
    {
        for (int round = 0; round < 12; round++)
        {
            Keystore keystore = Open(inFile, round);
            UsedKeys keys = new(keystore);
            KeyId destroyed = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            keystore.Destroy(destroyed);
            int done = 0;
            Action<IKeystore>[] all =
            [
                k => k.Create("acme", "p", KeyAlgorithm.Aes256Gcm),
                k => k.Import("acme", "p", KeyAlgorithm.Ed25519, RandomNumberGenerator.GetBytes(32)),
                k => k.Rotate(keys.Spare.Latest),
                k => k.Get(destroyed),
                k => k.GetPublicKey(destroyed),
                k => k.List(new KeyFilter { AllVersions = true }),
                k => k.Refresh(),
                k => k.FindCurrent("acme", "used"),
                k => k.VerifyBatch(new VerifyItem[] { new(keys.Signing, "m"u8.ToArray(), keys.Signature), new(keys.Signing, "m"u8.ToArray(), keys.Signature) }, new bool[2], 2),
                .. KeystoreCall.All.Where(call => call.Kinds[0] is not (KmsOperationKind.Rotate or KmsOperationKind.Disable or KmsOperationKind.Enable
                    or KmsOperationKind.Destroy or KmsOperationKind.Import)).Select(call => (Action<IKeystore>)(k => call.Run(k, keys))),
            ];
            using CountdownEvent ready = new(4);

            await Together(() => Work(0), () => Work(11), () => Work(22), Dispose);

            Assert.Throws<ObjectDisposedException>(() => keystore.Sign(keys.Signing, "m"u8));

            void Work(int offset)
            {
                Meet(ready);
                try
                {
                    for (int i = offset; ; i++)
                    {
                        all[i % all.Length](keystore);
                        Interlocked.Increment(ref done);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // As promised.
                }
            }

            void Dispose()
            {
                Meet(ready);
                SpinWait.SpinUntil(() => Volatile.Read(ref done) >= calls);
                keystore.Dispose();
            }
        }
    }

    [Theory]
    [InlineData("store")]
    [InlineData("guard")]
    public async Task Nobody_waits_for_a_writer_that_is_stuck_but_other_writers(string where)
    {
        using ManualResetEventSlim stuck = new();
        using ManualResetEventSlim release = new();
        SpyStore store = new();
        RecordingGuard guard = new();
        using Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { Guards = { guard } });
        UsedKeys keys = new(keystore);
        keystore.Disable(keys.Mac);
        keystore.Enable(keys.Mac);
        int commits = 0;
        store.OnCommit = _ =>
        {
            if (where == "store" && Interlocked.Increment(ref commits) == 1)
            {
                stuck.Set();
                Assert.True(release.Wait(s_tooLong));
            }
        };
        guard.OnBefore = op =>
        {
            if (where == "guard" && op.Kind == KmsOperationKind.Create)
            {
                stuck.Set();
                Assert.True(release.Wait(s_tooLong));
            }
        };
        Task<KeyId> writer = Run(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        Assert.True(stuck.Wait(s_tooLong, TestContext.Current.CancellationToken));

        await Run(() =>
        {
            foreach (KeystoreCall call in KeystoreCall.All.Where(call => !Writes(call.Kinds[0])))
            {
                call.Run(keystore, keys);
            }

            Assert.All(KeystoreCall.Telling.Where((_, i) => i != 4), tell => tell(keystore, keys));
            return 0;
        }).WaitAsync(s_tooLong, TestContext.Current.CancellationToken);

        Assert.False(writer.IsCompleted);
        Assert.Equal(5, keystore.List().Count);
        release.Set();
        Assert.Contains(await writer.WaitAsync(s_tooLong, TestContext.Current.CancellationToken), keystore.List().Select(info => info.Id));
    }

    [Fact]
    public async Task A_commit_under_way_ends_before_the_store_is_closed()
    {
        using ManualResetEventSlim stuck = new();
        using ManualResetEventSlim release = new();
        SpyStore store = new();
        Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral());
        store.OnCommit = _ =>
        {
            stuck.Set();
            Assert.True(release.Wait(s_tooLong));
            Assert.False(store.IsDisposed);
        };
        Task<KeyId> writer = Run(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        Assert.True(stuck.Wait(s_tooLong, TestContext.Current.CancellationToken));
        Task<int> disposal = Run(() =>
        {
            keystore.Dispose();
            return 0;
        });
        SpinWait.SpinUntil(() => IsDisposed(keystore));

        Assert.False(store.IsDisposed);
        release.Set();

        Assert.Equal(1u, (await writer.WaitAsync(s_tooLong, TestContext.Current.CancellationToken)).Version);
        await disposal.WaitAsync(s_tooLong, TestContext.Current.CancellationToken);
        Assert.True(store.IsDisposed);
    }

    [Fact]
    public void A_writer_that_is_overtaken_tries_again_and_then_says_that_it_is_busy()
    {
        OvertakenStore store = new() { Conflicts = 7 };
        using Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral());

        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Assert.Equal(key, Assert.Single(keystore.List()).Id);

        store.Conflicts = 8;
        KmsException busy = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        Assert.Equal(KmsError.Busy, busy.Error);
        Assert.True(busy.IsRetryable);
        Assert.Single(keystore.List());
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    [Fact]
    public void The_backend_is_there_until_the_commit_under_way_has_ended()
    {
        SpyBackend backend = new();
        Keystore? keystore = null;
        Thread? disposing = null;
        bool wasDisposed = true;
        SpyStore store = new(new MemoryStore())
        {
            OnCommit = _ =>
            {
                disposing = new Thread(keystore!.Dispose);
                disposing.Start();
                SpinWait.SpinUntil(() => backend.IsDisposed || disposing.ThreadState.HasFlag(ThreadState.WaitSleepJoin), s_tooLong);
                wasDisposed = backend.IsDisposed;
            },
        };
        keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { Backend = backend });

        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        disposing!.Join();
        Assert.False(wasDisposed);
        Assert.True(backend.IsDisposed);
    }

    private static bool Writes(KmsOperationKind kind) => kind
        is KmsOperationKind.Create or KmsOperationKind.Import or KmsOperationKind.Rotate
        or KmsOperationKind.Disable or KmsOperationKind.Enable or KmsOperationKind.Destroy;

    private static bool IsDisposed(Keystore keystore)
    {
        try
        {
            keystore.CheckHealth();
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private static void Meet(CountdownEvent ready)
    {
        ready.Signal();
        Assert.True(ready.Wait(s_tooLong));
    }

    private static Task<T> Run<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<int[]> Together(params Action[] works) => Task.WhenAll(works.Select(work => Run(() =>
    {
        work();
        return 0;
    }))).WaitAsync(s_tooLong, TestContext.Current.CancellationToken);

    private Keystore Open(bool inFile, int n = 0) => inFile
        ? Keystore.OpenOrCreate($"file:{_directory["store"]}{n}", KeyEncryptionKey.Ephemeral())
        : Keystore.InMemory();
}
