using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RonKms.Backends;
using RonKms.Diagnostics;
using RonKms.Memory;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>What an open keystore is made of; every view of it for a caller shares this.</summary>
internal sealed class KeystoreCore : IDisposable
{
    private readonly Guid _storeId;
    private readonly PurgeSchedule _purges;
    private int _disposed;

    /// <summary>Opens a store, or one to be read alone. Takes ownership of store, key-encryption key and backend, also when it fails.</summary>
    internal KeystoreCore(ISealedStore store, KeyEncryptionKey kek, bool create, bool readOnly, KeystoreOptions options)
    {
        Store = store;
        Options = options;
        try
        {
            Backend = options.Backend ?? new SoftwareBackend(options.Algorithms);
            IsolatedLogger logger = new(options.LoggerFactory?.CreateLogger("RonKms") ?? NullLogger.Instance);
            KmsTelemetry telemetry = new(options.MeterFactory, options.Metrics, CountKeys);
            Watch = new OperationWatch(telemetry, logger, [.. options.Guards]);
            FollowedStore? followed = readOnly ? StoreOpening.OpenReadOnly(store, kek, options.Anchor, options.TimeProvider) : null;
            Journal = followed?.Journal ?? StoreOpening.Open(
                store, kek, create, options.Anchor, options.TimeProvider, report => KmsLog.StoreSettled(logger, store.Location, report.TornBytes, report.Orphans, report.FinishedRemovals), Backend);
            _storeId = Journal.StoreKey.StoreId;
            Records = new RecordReader(store, Gate, Refresh, readOnly ? () => Journal.Generation : null);
            Sealer sealer = new(Journal.StoreKey);
            Origins = new KeyOrigins(Records, sealer, Backend);
            Follower = followed is null ? null : new StoreFollower(store, followed, kek, options.Anchor, sealer, Gate, options.TimeProvider, options.MaxStaleness);
            Opened = new OpenedKeys(Records, sealer, Backend, telemetry, options.OpenedKeyLimit, options.OpenedKeyIdleWipe, options.TimeProvider);
            Life = new KeyLife(Journal, store, Records, sealer, Backend, telemetry);
            Maintenance = new StoreMaintenance(Journal, store, Records, sealer, Backend, Gate, RequireOpen);
            _purges = new PurgeSchedule(options.TimeProvider, Journal.NowMs, Purge, e => KmsLog.PurgeFailed(logger, e));
            if (logger.IsEnabled(LogLevel.Information))
            {
                KmsLog.StoreOpened(logger, store.Location, Journal.Directory.Count, Assurance, options.Algorithms.DescribeProviders());
            }

            SecretHeap.Shared.LockRefused += WarnOfUnlockedMemory;
            if (!SecretHeap.Shared.IsLocked)
            {
                WarnOfUnlockedMemory();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            // The store's key is open: nothing needs the key-encryption key any more, unless later generations are followed.
            if (Follower is null)
            {
                kek.Dispose();
            }
        }
    }

    internal KeystoreOptions Options { get; }

    internal ISealedStore Store { get; }

    internal KeyBackend Backend { get; }

    internal CustodyJournal Journal { get; }

    internal GenerationGate Gate { get; } = new();

    internal RecordReader Records { get; }

    internal KeyOrigins Origins { get; }

    internal OpenedKeys Opened { get; }

    internal KeyLife Life { get; }

    internal StoreMaintenance Maintenance { get; }

    /// <summary>What keeps a store fresh that is only read; <see langword="null"/> for its writer.</summary>
    internal StoreFollower? Follower { get; }

    internal OperationWatch Watch { get; }

    internal Guid StoreId => _storeId;

    /// <summary>What sees a rollback. Without an anchor outside, only the chain itself does.</summary>
    internal string Assurance => Journal.Directory.Anchor == StoreAnchor.None ? "chain-only" : "anchored:" + Journal.Directory.Anchor;

    internal void RequireOpen() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(Keystore));

    /// <summary>Refuses a change of a store that is only read.</summary>
    /// <exception cref="InvalidOperationException">It is.</exception>
    internal void RequireWriter()
    {
        RequireOpen();
        if (Follower is not null)
        {
            throw new InvalidOperationException($"{Store.Location} was opened read-only, and nothing was changed. Ask the process that writes to it.");
        }
    }

    /// <summary>Makes sure that what is told of a store that is only read is not too old.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreStale"/>.</exception>
    internal void RequireFresh()
    {
        RequireOpen();
        Follower?.RequireFresh();
    }

    /// <summary>Takes in what other writers appended.</summary>
    internal void Refresh()
    {
        if (Follower is not null)
        {
            Follower.Look();
        }
        else
        {
            Journal.Refresh();
        }
    }

    /// <summary>When a new key is to be destroyed by itself; 0 where never.</summary>
    internal long PurgeTimeOf(KeyCreationOptions? asked)
    {
        if (asked?.PurgeAt is { } at)
        {
            return Store.IsVolatile
                ? KeyLife.TimeMs(at, "purge")
                : throw new ArgumentException($"A purge time is for stores that end with the process; {Store.Location} does not.");
        }

        return Options.PurgeAfter is { } after ? Journal.NowMs() + (long)after.TotalMilliseconds : 0;
    }

    internal void SchedulePurge(KeyId key, long purgeAtMs)
    {
        if (purgeAtMs != 0)
        {
            _purges.Add(key.Latest, purgeAtMs);
        }
    }

    /// <summary>Destroys every version of a key. For the guards each that is not destroyed yet is an operation of its own.</summary>
    internal void DestroyAll(KeyId key, string? caller, string? correlationId)
    {
        OperationScope Begin() => new(Watch, KmsOperationKind.Destroy, key, caller, correlationId);
        OperationScope[] scopes = [Begin()];
        int open = 1;
        try
        {
            KeyVersion[] versions = KeyRules.Resolve(Journal.Directory, key).Entry.Versions.ToArray();
            KeyVersion[] held = [.. versions.Where(version => version.State != KeyState.Destroyed)];

            // With none left to destroy it is an operation on the latest that changes nothing.
            KeyVersion[] asked = held is [] ? versions[^1..] : held;
            Array.Resize(ref scopes, asked.Length);
            scopes[0].Enter(asked[0].Id);
            for (int i = 1; i < asked.Length; i++)
            {
                scopes[i] = Begin();
                open++;
                scopes[i].Enter(asked[i].Id);
            }

            Life.DestroyAll(key, versions[^1]);
            while (open > 0)
            {
                scopes[open - 1].Leave();
                open--;
                scopes[open].Succeeded();
            }
        }
        catch (Exception e)
        {
            Exception failure = e;
            while (open > 0)
            {
                open--;
                try
                {
                    scopes[open].Failed(failure);
                }
                catch (Exception thrown)
                {
                    // For the operations around it that is why they failed.
                    failure = thrown;
                }
            }

            ExceptionDispatchInfo.Throw(failure);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // Where opening failed, there is no more than was made by then.
        SecretHeap.Shared.LockRefused -= WarnOfUnlockedMemory;
        _purges?.Dispose();

        // A commit under way ends first: it may need the backend's device.
        Journal?.Close();
        if (Opened is not null)
        {
            // With its backend.
            Opened.Dispose();
        }
        else
        {
            Backend?.Dispose();
        }

        Watch?.Telemetry.Dispose();
        Follower?.Dispose();
        Journal?.StoreKey.Dispose();
        Store.Dispose();
    }

    private void WarnOfUnlockedMemory() => KmsLog.MemoryNotLocked(Watch.Logger, SecretHeap.Shared.UnlockedBytes);

    private void Purge(KeyId key)
    {
        // Refused by the time alone from now on; a guard can keep it in the journal, but not in use.
        KeyRules.Resolve(Journal.Directory, key).Entry.Purge();
        try
        {
            DestroyAll(key, caller: null, correlationId: null);
        }
        catch (KmsException e) when (e.Error == KmsError.Busy)
        {
            // A rotation was under way when the time came. None begins after that.
            DestroyAll(key, caller: null, correlationId: null);
        }
    }

    /// <summary>For the gauge, which a meter that others own goes on asking, from before the store is open until after it is closed.</summary>
    private IEnumerable<Measurement<long>> CountKeys()
    {
        if (Volatile.Read(ref _disposed) != 0 || Journal is null)
        {
            yield break;
        }

        foreach (IGrouping<KeyAlgorithm, KeyEntry> group in Journal.Directory.Keys.Where(entry => entry.IsHeld).GroupBy(entry => entry.Id.Algorithm))
        {
            yield return new Measurement<long>(
                group.LongCount(), new("alg", group.Key.Name), new("hybrid", group.Key.IsHybrid ? "1" : "0"));
        }
    }
}
