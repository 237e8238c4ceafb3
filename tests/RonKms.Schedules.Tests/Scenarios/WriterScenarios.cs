using RonKms.Schedules.Engine;
using RonKms.Storage;

namespace RonKms.Schedules.Scenarios;

/// <summary>Several who change keys, in one keystore and in several on one store.</summary>
internal static class WriterScenarios
{
    [Explored(1)]
    internal static Trial Of_two_rotations_of_one_version_one_wins()
    {
        Keystore keystore = Keystore.InMemory(new KeystoreOptions { Metrics = false });
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return RotatedOnce(key, keystore, keystore);
    }

    [Explored(1)]
    internal static Trial Of_two_rotations_in_two_keystores_one_wins()
    {
        SharedStore store = new();
        Keystore one = store.Open();
        KeyId key = one.Create("t", "p", KeyAlgorithm.Ed25519);
        return RotatedOnce(key, one, store.Open());
    }

    [Explored(1)]
    internal static Trial Changes_that_come_together_are_all_made()
    {
        Keystore keystore = Keystore.InMemory(new KeystoreOptions { Metrics = false });
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return new Trial(
            () => keystore.Create("t", "p", KeyAlgorithm.Ed25519),
            () => keystore.Create("t", "q", KeyAlgorithm.Ed25519),
            () => keystore.Disable(key))
        {
            Check = () =>
            {
                Assert.Equal(3, keystore.List().Count);
                Assert.Equal(KeyState.Disabled, keystore.Get(key).State);
                Assert.True(keystore.VerifyStore().IsSound);
            },
            Clean = keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Changes_that_come_together_are_all_in_the_files()
    {
        FileStoreDirectory directory = new();
        Keystore keystore = directory.Open();
        KeyId one = keystore.Create("t", "p", KeyAlgorithm.Ed25519);

        // Where two keys have one directory, which is chance, some steps are left out.
        KeyId other;
        do
        {
            other = keystore.Create("t", "q", KeyAlgorithm.Ed25519);
        }
        while (DirectoryOf(other) == DirectoryOf(one));

        return new Trial(() => keystore.Rotate(one), () => keystore.Rotate(other))
        {
            Check = () =>
            {
                keystore.Dispose();
                using Keystore again = directory.Open();
                Assert.Equal(2u, again.Get(one.Latest).Id.Version);
                Assert.Equal(2u, again.Get(other.Latest).Id.Version);
            },
            Clean = () =>
            {
                keystore.Dispose();
                directory.Dispose();
            },
        };
    }

    [Explored(1)]
    internal static Trial Who_was_overtaken_takes_it_in_and_writes_again()
    {
        SharedStore store = new();
        Keystore one = store.Open();
        Keystore other = store.Open();
        KeyId key = one.Create("t", "p", KeyAlgorithm.Ed25519);
        other.Refresh();
        return new Trial(
            () => one.Create("t", "p", KeyAlgorithm.Ed25519),
            () => other.Disable(key),
            () => one.Refresh())
        {
            Check = () =>
            {
                one.Refresh();
                other.Refresh();
                foreach (Keystore keystore in new[] { one, other })
                {
                    Assert.Equal(2, keystore.List().Count);
                    Assert.Equal(KeyState.Disabled, keystore.Get(key).State);
                }

                Assert.Equal(one.CheckHealth().Head, other.CheckHealth().Head);
            },
            Clean = () =>
            {
                one.Dispose();
                other.Dispose();
            },
        };
    }

    [Explored(1)]
    internal static Trial Changes_end_or_are_refused_where_the_keystore_is_closed()
    {
        SharedStore store = new();
        Keystore keystore = store.Open();
        int made = 0;
        void Create()
        {
            try
            {
                keystore.Create("t", "p", KeyAlgorithm.Ed25519);
                made++;
            }
            catch (ObjectDisposedException)
            {
                // It was closed first.
            }
        }

        return new Trial(Create, Create, keystore.Dispose)
        {
            Check = () =>
            {
                using Keystore again = store.Open();
                Assert.Equal(made, again.List().Count);
            },
            Clean = keystore.Dispose,
        };
    }

    private static string DirectoryOf(KeyId key) => new RecordName(key.Uuid, key.Version, RecordName.Record).Directory;

    private static Trial RotatedOnce(KeyId key, Keystore one, Keystore other)
    {
        int won = 0;
        void Rotate(Keystore keystore)
        {
            try
            {
                keystore.Rotate(key);
                won++;
            }
            catch (KmsException e) when (e.Error == KmsError.NotLatestVersion)
            {
                // The other one was first.
            }
        }

        return new Trial(() => Rotate(one), () => Rotate(other))
        {
            Check = () =>
            {
                Assert.Equal(1, won);
                one.Refresh();
                Assert.Equal(2u, one.Get(key.Latest).Id.Version);
            },
            Clean = () =>
            {
                one.Dispose();
                other.Dispose();
            },
        };
    }
}
