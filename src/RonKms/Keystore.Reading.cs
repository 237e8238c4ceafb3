using RonKms.Algorithms;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <content>What is known of keys.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public KeyInfo Get(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _core.RequireFresh();
        (KeyEntry entry, KeyVersion version) = KeyRules.Resolve(_core.Journal.Directory, key);
        return Describe(entry, version);
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyInfo> List(KeyFilter? filter = null)
    {
        _core.RequireFresh();
        List<KeyInfo> found = [];
        foreach (KeyEntry entry in _core.Journal.Directory.Keys)
        {
            if (filter is not null && !Passes(entry, filter))
            {
                continue;
            }

            ReadOnlySpan<KeyVersion> versions = entry.Versions;
            foreach (KeyVersion version in filter?.AllVersions == true ? versions : versions[^1..])
            {
                if (filter?.State is null || filter.State == StateOf(entry, version))
                {
                    found.Add(Describe(entry, version, isListed: true));
                }
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public KeyId? FindCurrent(string tenant, string purpose)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(purpose);
        _core.RequireFresh();
        for (KeyEntry? entry = _core.Journal.Directory.FindNewest(tenant, purpose); entry is not null; entry = entry.OlderOfPurpose)
        {
            KeyVersion latest = entry.Latest;
            if (StateOf(entry, latest) == KeyState.Enabled && !KeyRules.IsExpired(latest, _core.Journal))
            {
                return latest.Id;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public KmsPublicKey GetPublicKey(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _core.RequireFresh();
        if (!key.Algorithm.IsAsymmetric)
        {
            throw new ArgumentException($"Keys of {key.Algorithm} have no public half.", nameof(key));
        }

        Algorithm implementation = _core.Options.Algorithms.Find(key.Algorithm);
        byte[] raw = _core.Records.PublicKey(KeyRules.Resolve(_core.Journal.Directory, key).Version);
        return new KmsPublicKey(implementation, raw, _core.Options.PqMode);
    }

    /// <inheritdoc/>
    public Attestation Attest(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        OperationScope scope = Begin(KmsOperationKind.Attest, key);
        Attestation attestation;
        try
        {
            KeyVersion version = KeyRules.Resolve(_core.Journal.Directory, key).Version;
            Enter(version.Id, ref scope);
            byte[] json = AttestationJson.Write(_core, version);
            (byte[] signature, KeyId? signedBy) = SignAttestation(json);
            attestation = new Attestation(version.Id, json, signature, signedBy);
            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return attestation;
    }

    private static bool Passes(KeyEntry entry, KeyFilter filter) =>
        (filter.Tenant is null || filter.Tenant == entry.Id.Tenant)
        && (filter.Purpose is null || filter.Purpose == entry.Id.Purpose)
        && (filter.Algorithm is null || ReferenceEquals(filter.Algorithm, entry.Id.Algorithm))
        && (filter.Labels is null || filter.Labels.All(entry.Labels.Contains));

    private static DateTimeOffset? TimeOf(long ms) => ms == 0 ? null : UnixTime(ms);

    // The format's times reach further than .NET's.
    private static DateTimeOffset UnixTime(long ms) =>
        ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : DateTimeOffset.MaxValue;

    private KeyState StateOf(KeyEntry entry, KeyVersion version) =>
        KeyRules.IsPurged(entry, _core.Journal) ? KeyState.Destroyed : version.State;

    private KeyInfo Describe(KeyEntry entry, KeyVersion version, bool isListed = false)
    {
        DateTimeOffset created = UnixTime(_core.Records.CreatedAtMs(version));
        string backend = _core.Origins.NameOf(version, isListed);
        return new KeyInfo
        {
            Id = version.Id,
            State = StateOf(entry, version),
            CreatedAt = created,
            NotAfter = TimeOf(version.NotAfterMs),
            IsExpired = KeyRules.IsExpired(version, _core.Journal),
            PurgeAt = TimeOf(entry.PurgeAtMs),
            RotateAfter = _core.Options.RotateEvery is { } every && DateTimeOffset.MaxValue - created > every ? created + every : null,
            LatestVersion = entry.Latest.Id.Version,
            Labels = version.Labels.Count == 0
                ? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty
                : new Dictionary<string, string>(version.Labels).AsReadOnly(),
            IsImported = version.IsImported,
            Backend = backend,
            Provider = version.RecordKind == RecordKind.Handle ? (_core.Backend.KeepsHandles ? backend : null)
                : _core.Options.Algorithms.TryFind(version.Id.Algorithm, out Algorithm? algorithm) ? algorithm.Provider : null,
        };
    }

    private (byte[] Signature, KeyId? SignedBy) SignAttestation(byte[] json)
    {
        if (FindCurrent(KeyId.OwnTenant, AttestationPurpose) is not { } signer)
        {
            return ([], null);
        }

        PqModes.RequireAllowed(_core.Options.PqMode, signer.Algorithm);
        KeyVersion version = KeyRules.Resolve(_core.Journal.Directory, signer).Version;
        using EnteredKey<SigningKey> opened = _core.Opened.Enter<SigningKey>(version);
        byte[] signature = new byte[opened.Key.Algorithm.MaxSignatureSize];
        int size = opened.Key.SignEntered(Attestation.SignedMessage(json), signature, options: null);
        return (signature[..size], version.Id);
    }
}
