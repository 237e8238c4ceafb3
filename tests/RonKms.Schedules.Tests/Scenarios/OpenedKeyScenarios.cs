using RonKms.Algorithms;
using RonKms.Schedules.Engine;
using RonKms.Testing;

namespace RonKms.Schedules.Scenarios;

/// <summary>Keys held ready, while others change them, wipe them, or close the keystore.</summary>
internal static class OpenedKeyScenarios
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(15);

    [Explored(2)]
    internal static Trial Sign_and_dispose()
    {
        Watched watched = new();
        return new Trial(watched.Sign, watched.Keystore.Dispose) { Check = watched.CheckWiped, Clean = watched.Keystore.Dispose };
    }

    [Explored(1)]
    internal static Trial Two_sign_and_dispose()
    {
        Watched watched = new();
        return new Trial(watched.Sign, watched.Sign, watched.Keystore.Dispose) { Check = watched.CheckWiped, Clean = watched.Keystore.Dispose };
    }

    [Explored(1)]
    internal static Trial Sign_rotate_and_dispose()
    {
        Watched watched = new();
        return new Trial(watched.SignLatest, watched.Rotate, watched.Keystore.Dispose) { Check = watched.CheckWiped, Clean = watched.Keystore.Dispose };
    }

    [Explored(1)]
    internal static Trial Sign_and_destroy()
    {
        Watched watched = new();
        return new Trial(watched.Sign, () => watched.Keystore.Destroy(watched.Key))
        {
            Check = () => Assert.Equal(0, watched.Held),
            Clean = watched.Keystore.Dispose,
        };
    }

    [Explored(2)]
    internal static Trial Sign_and_idle_wipe()
    {
        Watched watched = new();
        watched.Sign();
        return new Trial(
            watched.Sign,
            () =>
            {
                watched.Time.Advance(s_idle);
                watched.Time.Advance(s_idle);
            })
        {
            Check = () =>
            {
                // What is still held is found by the next rounds: nothing is forgotten.
                watched.Time.Advance(s_idle);
                watched.Time.Advance(s_idle);
                Assert.Equal(0, watched.Held);
            },
            Clean = watched.Keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Sign_idle_wipe_and_dispose()
    {
        Watched watched = new();
        watched.Sign();
        return new Trial(watched.Sign, () => watched.Time.Advance(s_idle), watched.Keystore.Dispose)
        {
            Check = watched.CheckWiped,
            Clean = watched.Keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Two_keys_where_one_is_held()
    {
        Watched watched = new(limit: 1);
        KeyId other = watched.Keystore.Create("t", "q", KeyAlgorithm.Ed25519);
        return new Trial(watched.Sign, () => watched.Keystore.Sign(other, "m"u8))
        {
            Check = () =>
            {
                Assert.InRange(watched.Held, 0, 1);
                watched.Keystore.Dispose();
                watched.CheckWiped();
            },
            Clean = watched.Keystore.Dispose,
        };
    }

    /// <summary>A keystore with a key, whose opened keys are watched.</summary>
    private sealed class Watched
    {
        private readonly WatchedEd25519 _algorithm = new();

        internal Watched(int limit = 16)
        {
            Keystore = Keystore.InMemory(new KeystoreOptions
            {
                Metrics = false,
                TimeProvider = Time,
                OpenedKeyIdleWipe = s_idle,
                OpenedKeyLimit = limit,
                Algorithms = AlgorithmCatalog.Classical.With(_algorithm),
            });
            Key = Keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        }

        internal ManualTimeProvider Time { get; } = new();

        internal Keystore Keystore { get; }

        internal KeyId Key { get; }

        internal int Held => _algorithm.Held;

        internal void Sign() => Sign(Key);

        internal void SignLatest() => Sign(Key.Latest);

        internal void Rotate()
        {
            try
            {
                Keystore.Rotate(Key.Latest);
            }
            catch (ObjectDisposedException)
            {
                // It was closed first.
            }
        }

        internal void CheckWiped() => Assert.Equal(0, Held);

        private void Sign(KeyId key)
        {
            try
            {
                DirectoryScenarios.Signs(Keystore, key, KmsError.KeyDestroyed, KmsError.NotLatestVersion);
            }
            catch (ObjectDisposedException)
            {
                // It was closed first.
            }
        }
    }
}
