namespace RonKms.Tests;

/// <summary>A keystore as a few lines of arithmetic: keys, versions, states, and one clock. What is allowed follows the table of the format's page.</summary>
internal sealed class KeystoreModel
{
    private readonly List<ModelKey> _keys = [];
    private long _lastLineMs;

    internal KeystoreModel(long nowMs)
    {
        ClockMs = nowMs;
        _lastLineMs = nowMs;
    }

    /// <summary>What the clock shows; it may be set back.</summary>
    internal long ClockMs { get; set; }

    /// <summary>The store's idea of now.</summary>
    internal long NowMs => Math.Max(ClockMs, _lastLineMs);

    internal IReadOnlyList<ModelKey> Keys => _keys;

    internal IEnumerable<ModelVersion> Versions => _keys.SelectMany(key => key.Versions);

    internal ModelVersion Add(KeyId id, long notAfterMs, bool imported)
    {
        ModelVersion version = new(id, NowMs, notAfterMs, imported);
        _keys.Add(new ModelKey(version));
        Wrote();
        return version;
    }

    internal ModelVersion AddVersion(ModelKey key, KeyId id)
    {
        ModelVersion latest = key.Latest;
        ModelVersion version = new(id, NowMs, latest.NotAfterMs == 0 ? 0 : NowMs + (latest.NotAfterMs - latest.CreatedAtMs), imported: false);
        key.Versions.Add(version);
        Wrote();
        return version;
    }

    internal void Change(ModelVersion version, KeyState state)
    {
        if (version.State == state) return;

        version.State = state;
        Wrote();
    }

    internal bool IsExpired(ModelVersion version) => version.NotAfterMs != 0 && NowMs >= version.NotAfterMs;

    internal ModelKey KeyOf(ModelVersion version) => _keys.Single(key => key.Versions.Contains(version));

    /// <summary>Why a version must not sign, compute a code, wrap or encapsulate; nothing where it may.</summary>
    internal IReadOnlyList<KmsError> AgainstProducing(ModelVersion version)
    {
        List<KmsError> errors = [.. AgainstConsuming(version)];
        if (KeyOf(version).Latest != version) errors.Add(KmsError.NotLatestVersion);
        if (IsExpired(version)) errors.Add(KmsError.Expired);
        return errors;
    }

    /// <summary>Why a version must not decapsulate, unwrap or verify a code.</summary>
    internal static IReadOnlyList<KmsError> AgainstConsuming(ModelVersion version) => version.State switch
    {
        KeyState.Destroyed => [KmsError.KeyDestroyed],
        KeyState.Disabled => [KmsError.KeyDisabled],
        _ => [],
    };

    internal IReadOnlyList<KmsError> AgainstRotating(ModelVersion version)
    {
        List<KmsError> errors = [];
        ModelKey key = KeyOf(version);
        if (key.Latest != version) errors.Add(KmsError.NotLatestVersion);
        if (key.Versions.All(one => one.State == KeyState.Destroyed)) errors.Add(KmsError.KeyDestroyed);
        return errors;
    }

    internal KeyId? FindCurrent(string tenant, string purpose) => _keys
        .LastOrDefault(key => key.Latest.Id.Tenant == tenant && key.Latest.Id.Purpose == purpose && key.Latest.State == KeyState.Enabled && !IsExpired(key.Latest))
        ?.Latest.Id;

    private void Wrote() => _lastLineMs = NowMs;
}
