namespace RonKms.Tests.Durability;

/// <summary>One call that changes a store.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Make">Does it.</param>
/// <param name="Effect">What comes of it.</param>
internal sealed record KeyChange(string Name, Action<Keystore> Make, Func<StoreState, StoreState> Effect)
{
    private const string Tenant = "acme";

    internal static KeyChange Create(string purpose, KeyAlgorithm algorithm) =>
        new("create " + purpose, keys => keys.Create(Tenant, purpose, algorithm), state => state.WithVersion(purpose));

    internal static KeyChange Import(string purpose, byte first) => new("import " + purpose, keys =>
    {
        byte[] seed = new byte[32];
        seed[0] = first;
        keys.Import(Tenant, purpose, KeyAlgorithm.Ed25519, seed);
    }, state => state.WithVersion(purpose));

    internal static KeyChange Rotate(string purpose) =>
        new("rotate " + purpose, keys => keys.Rotate(Key(keys, purpose)), state => state.WithVersion(purpose));

    internal static KeyChange Disable(string purpose) =>
        new("disable " + purpose, keys => keys.Disable(Key(keys, purpose)), state => state.WithLatest(purpose, KeyState.Disabled));

    internal static KeyChange Enable(string purpose) =>
        new("enable " + purpose, keys => keys.Enable(Key(keys, purpose)), state => state.WithLatest(purpose, KeyState.Enabled));

    internal static KeyChange Destroy(string purpose) =>
        new("destroy " + purpose, keys => keys.Destroy(Key(keys, purpose)), state => state.WithLatest(purpose, KeyState.Destroyed));

    internal static KeyChange DestroyAll(string purpose) =>
        new("destroy all of " + purpose, keys => keys.DestroyAllVersions(Key(keys, purpose)), state => state.WithAll(purpose, KeyState.Destroyed));

    private static KeyId Key(Keystore keys, string purpose) => keys.List(new KeyFilter { Purpose = purpose }).Single().Id;
}
