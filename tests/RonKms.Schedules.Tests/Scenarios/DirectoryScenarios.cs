using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>One who changes keys, and others who read and use them: each sees the old state or the new one.</summary>
internal static class DirectoryScenarios
{
    [Explored(1)]
    internal static Trial Rotate_and_sign()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return new Trial(
            () => Assert.Equal(2u, keystore.Rotate(key.Latest).Version),
            () =>
            {
                byte[] signature = keystore.Sign(key.Latest, "m"u8, out KeyId by);
                Assert.True(keystore.Verify(by, "m"u8, signature));
                Assert.InRange(keystore.Get(key.Latest).Id.Version, by.Version, 2u);
            })
        {
            Check = () =>
            {
                keystore.Sign(key.Latest, "m"u8, out KeyId by);
                Assert.Equal(2u, by.Version);
            },
            Clean = keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Destroy_and_sign()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        bool isDestroyed = false;
        return new Trial(
            () =>
            {
                keystore.Destroy(key);
                isDestroyed = true;
            },
            () =>
            {
                for (int i = 0; i < 2; i++)
                {
                    bool wasDestroyed = isDestroyed;
                    Assert.True(Signs(keystore, key, KmsError.KeyDestroyed) != wasDestroyed || !wasDestroyed, "A destroyed key signed.");
                }
            })
        {
            Check = () => Assert.False(Signs(keystore, key, KmsError.KeyDestroyed)),
            Clean = keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Disable_enable_and_sign()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return new Trial(
            () =>
            {
                keystore.Disable(key);
                Assert.False(Signs(keystore, key, KmsError.KeyDisabled));
                keystore.Enable(key);
                Assert.True(Signs(keystore, key, KmsError.KeyDisabled));
            },
            () => Signs(keystore, key, KmsError.KeyDisabled))
        {
            Check = () => Assert.True(Signs(keystore, key, KmsError.KeyDisabled)),
            Clean = keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Create_and_list()
    {
        Keystore keystore = Open();
        KeyId first = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return new Trial(
            () => keystore.Create("t", "p", KeyAlgorithm.Ed25519),
            () =>
            {
                IReadOnlyList<KeyInfo> before = keystore.List();
                foreach (KeyInfo listed in before)
                {
                    // What is listed is there.
                    Assert.Equal(listed.Id, keystore.Get(listed.Id).Id);
                }

                KeyId current = keystore.FindCurrent("t", "p")!;
                Assert.True(before.Count == 1 || current != first, "A key that was listed is not the current one of its purpose yet.");
                Assert.InRange(keystore.List().Count, before.Count, 2);
            })
        {
            Check = () => Assert.Equal(2, keystore.List().Count),
            Clean = keystore.Dispose,
        };
    }

    [Explored(1)]
    internal static Trial Rotate_and_list_versions()
    {
        Keystore keystore = Open();
        KeyId key = keystore.Create("t", "p", KeyAlgorithm.Ed25519);
        return new Trial(
            () => keystore.Rotate(key),
            () =>
            {
                uint seen = 0;
                for (int i = 0; i < 3; i++)
                {
                    uint latest = keystore.Get(key.Latest).Id.Version;
                    Assert.InRange(latest, Math.Max(seen, 1), 2u);
                    seen = latest;
                    Assert.Equal(key, keystore.Get(key).Id);
                }
            })
        {
            Clean = keystore.Dispose,
        };
    }

    internal static bool Signs(Keystore keystore, KeyId key, params ReadOnlySpan<KmsError> refusals)
    {
        try
        {
            byte[] signature = keystore.Sign(key, "m"u8, out KeyId by);
            Assert.True(keystore.Verify(by, "m"u8, signature));
            return true;
        }
        catch (KmsException e) when (refusals.Contains(e.Error))
        {
            return false;
        }
    }

    private static Keystore Open() => Keystore.InMemory(new KeystoreOptions { Metrics = false });
}
