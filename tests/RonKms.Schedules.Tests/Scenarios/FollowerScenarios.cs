using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>A writer, and one who follows its store.</summary>
internal static class FollowerScenarios
{
    [Explored(1)]
    internal static Trial Destroy_and_follow()
    {
        SharedStore store = new();
        Keystore writer = store.Open();
        KeyId key = writer.Create("t", "p", KeyAlgorithm.Ed25519);
        Keystore follower = store.Follow();
        bool isDestroyed = false;
        return new Trial(
            () =>
            {
                writer.Destroy(key);
                isDestroyed = true;
            },
            () =>
            {
                bool wasDestroyed = isDestroyed;
                bool signed = DirectoryScenarios.Signs(follower, key, KmsError.KeyDestroyed);
                Assert.False(signed && wasDestroyed, "A destroyed key signed.");
            },
            follower.Refresh)
        {
            Check = () => Assert.False(DirectoryScenarios.Signs(follower, key, KmsError.KeyDestroyed)),
            Clean = () =>
            {
                follower.Dispose();
                writer.Dispose();
            },
        };
    }

    [Explored(1)]
    internal static Trial Compact_and_follow()
    {
        FileStoreDirectory directory = new();
        Keystore writer = directory.Open();
        KeyId key = writer.Create("t", "p", KeyAlgorithm.Ed25519);
        writer.Disable(key);
        writer.Enable(key);
        Keystore follower = directory.Follow();
        return new Trial(
            () => Assert.True(writer.Compact()),
            () => Assert.True(DirectoryScenarios.Signs(follower, key)))
        {
            Clean = () =>
            {
                follower.Dispose();
                writer.Dispose();
                directory.Dispose();
            },
        };
    }
}
