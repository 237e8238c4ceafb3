namespace RonKms.Tests.Durability;

/// <summary>What a keystore holds, told by purposes instead of random ids, so that two stores can be compared.</summary>
internal sealed class StoreState : IEquatable<StoreState>
{
    private readonly SortedDictionary<string, KeyState> _versions;

    private StoreState(IDictionary<string, KeyState> versions) => _versions = new SortedDictionary<string, KeyState>(versions, StringComparer.Ordinal);

    /// <summary>A store without keys; also that of no store at all.</summary>
    internal static StoreState Empty { get; } = new(new Dictionary<string, KeyState>());

    /// <summary>Reads the states, and uses every key for what its state allows.</summary>
    internal static StoreState Of(Keystore keys, string? except = null)
    {
        StoreState state = new(Empty._versions);
        foreach (KeyInfo info in keys.List(new KeyFilter { AllVersions = true }).Where(info => info.Id.Purpose != except))
        {
            state._versions.Add($"{info.Id.Purpose}#v{info.Id.Version}", info.State);
            Use(keys, info);
        }

        return state;
    }

    /// <summary>Whether this may be left by a change from one state to another that nobody was told the end of: a change of several versions is
    /// one line a version, and each is made or not.</summary>
    internal bool IsBetween(StoreState before, StoreState after) =>
        Equals(before) || Equals(after)
        || (_versions.Keys.SequenceEqual(before._versions.Keys)
            && _versions.Keys.SequenceEqual(after._versions.Keys)
            && _versions.All(version => version.Value == before._versions[version.Key] || version.Value == after._versions[version.Key]));

    /// <summary>This and one more version of a purpose's only key.</summary>
    internal StoreState WithVersion(string purpose) => new(_versions) { _versions = { [$"{purpose}#v{Of(purpose).Length + 1}"] = KeyState.Enabled } };

    /// <summary>This with another state of a purpose's latest version.</summary>
    internal StoreState WithLatest(string purpose, KeyState state) => new(_versions) { _versions = { [Of(purpose)[^1]] = state } };

    /// <summary>This with another state of all of a purpose's versions.</summary>
    internal StoreState WithAll(string purpose, KeyState state) =>
        new(_versions.ToDictionary(version => version.Key, version => Of(purpose).Contains(version.Key) ? state : version.Value));

    public bool Equals(StoreState? other) => other is not null && _versions.SequenceEqual(other._versions);

    public override bool Equals(object? obj) => Equals(obj as StoreState);

    public override int GetHashCode() => _versions.Count;

    public override string ToString() => $"[{string.Join(' ', _versions.Select(version => $"{version.Key}:{version.Value}"))}]";

    private string[] Of(string purpose) => [.. _versions.Keys.Where(name => name.StartsWith(purpose + "#", StringComparison.Ordinal))];

    private static void Use(Keystore keys, KeyInfo info)
    {
        bool signs = info.Id.Algorithm == KeyAlgorithm.Ed25519;
        if (signs) Assert.Equal(32, keys.GetPublicKey(info.Id).Raw.Length);
        if (!info.IsLatest) return;

        Func<byte[]> use = () => signs ? keys.Sign(info.Id, "message"u8) : keys.Wrap(info.Id, "message"u8);
        switch (info.State)
        {
            case KeyState.Disabled:
                Assert.Equal(KmsError.KeyDisabled, Assert.Throws<KmsException>(use).Error);
                break;
            case KeyState.Destroyed:
                Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(use).Error);
                break;
            case KeyState.Enabled when signs:
                Assert.True(keys.Verify(info.Id, "message"u8, use()));
                break;
            case KeyState.Enabled:
                using (SecretBytes plaintext = keys.Unwrap(info.Id, use())) Assert.Equal("message"u8, plaintext.Reveal());
                break;
        }
    }
}
