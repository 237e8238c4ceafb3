using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Reads records and headers, and trusts them only as far as the journal vouches for them.</summary>
internal sealed class RecordReader
{
    private readonly ISealedStore _store;
    private readonly GenerationGate _gate;
    private readonly Action _refresh;
    private readonly Func<long>? _followedGeneration;

    /// <summary>Prepares to read.</summary>
    /// <param name="store">Where the records lie.</param>
    /// <param name="gate">Passed by every read.</param>
    /// <param name="refresh">Takes in what was journalled, also by a commit under way.</param>
    /// <param name="followedGeneration">Tells the generation's number where another process may change it at any moment.</param>
    internal RecordReader(ISealedStore store, GenerationGate gate, Action refresh, Func<long>? followedGeneration = null)
    {
        _store = store;
        _gate = gate;
        _refresh = refresh;
        _followedGeneration = followedGeneration;
    }

    /// <summary>What goes and what stays of a version that is destroyed: its record's header, or nothing where the record is damaged.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: it could not be read this time; erased now, its public key would be lost.</exception>
    internal static RecordRemoval RemovalOf(ISealedStore store, KeyVersion version)
    {
        byte[]? record;
        try
        {
            record = store.ReadRecord(version.Id.Uuid, version.Id.Version);
        }
        catch (KmsException failure) when (!StoreFailure.IsOfSystem(failure))
        {
            // A file that is no record must not keep its key from being destroyed, nor the store from being opened afterwards.
            record = null;
        }

        return new RecordRemoval(
            version.Id.Uuid,
            version.Id.Version,
            record is not null && Digest.Of(record) == version.RecordDigest && RonkCodec.TryDecode(record, out RonkHeader header)
                ? record.AsMemory(0, header.Size)
                : default);
    }

    /// <summary>What is left of a destroyed version, where it is what the journal vouches for; anything else is as good as missing.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: it could not be read this time.</exception>
    internal static byte[]? FindRemains(ISealedStore store, KeyVersion version)
    {
        try
        {
            return store.ReadRemains(version.Id.Uuid, version.Id.Version) is { } remains
                && RonkCodec.TryDecode(remains, out RonkHeader header)
                && remains.Length == header.Size
                && VersionCheck.IsOf(version, header)
                ? remains
                : null;
        }
        catch (KmsException failure) when (!StoreFailure.IsOfSystem(failure))
        {
            // A link, a pipe, a file that is too long: none of ours, and no reason to leave the store as it is.
            return null;
        }
    }

    /// <summary>Reads and unseals the record of a version that is not destroyed.</summary>
    /// <param name="version">The version.</param>
    /// <param name="sealer">What unseals it.</param>
    /// <param name="alsoDisabled">Whether it is only to be looked at, so that a disabled version will do.</param>
    /// <returns>The record, and what <see cref="Sealer.Open"/> gave.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it is missing, or not the one that the journal names.</exception>
    internal (byte[] Record, SecretBytes? Plaintext) Unseal(KeyVersion version, Sealer sealer, bool alsoDisabled = false)
    {
        // Record and store key change together.
        (byte[] Record, SecretBytes? Plaintext)? unsealed = ReadLive<(byte[], SecretBytes?)?>(
            () => ReadNamed(version) is { } record ? (record, sealer.Open(record, version.Id)) : null);
        if (unsealed is { } found)
        {
            return found;
        }

        // A destruction takes the record away a moment before the directory tells of it.
        _refresh();
        if (!alsoDisabled || version.State == KeyState.Destroyed)
        {
            KeyRules.RequireEnabled(version);
        }

        throw Damaged(version.Id);
    }

    /// <summary>Reads the record of a version that is not destroyed, in the writer's turn.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it is missing, or not the one that the journal names.</exception>
    internal byte[] ReadInTurn(KeyVersion version) => ReadNamed(version) ?? throw Damaged(version.Id);

    /// <summary>Reads the record that the journal names, where it is there.</summary>
    internal byte[]? Find(KeyVersion version) => _gate.Read(() => ReadNamed(version));

    /// <summary>The public key of a version, whatever its state. Reads the store once a version.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/></exception>
    internal byte[] PublicKey(KeyVersion version)
    {
        if (version.PublicKey is { } known)
        {
            return known;
        }

        return version.PublicKey = ReadPublicKey(version).ToArray();
    }

    /// <summary>The digests of a hybrid's component public keys, in the algorithm's order. Reads the store once a version.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/></exception>
    internal Digest[] ComponentDigests(KeyVersion version) =>
        version.ComponentDigests ??= HeldKeys.ComponentDigests(version.Id.Algorithm, version.PublicKey ?? ReadPublicKey(version));

    /// <summary>When a version was made. Of one that an earlier generation made only its record tells that the journal names: where that is gone or
    /// damaged it is when this generation began. Reads the store once a version. What is left of a destroyed version is vouched for by its public key alone, and tells no times.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    internal long CreatedAtMs(KeyVersion version)
    {
        if (version.CreatedAtMs is { } known)
        {
            return known;
        }

        if (version.State == KeyState.Destroyed)
        {
            return version.KnownSinceMs;
        }

        try
        {
            if (version.RecordedAtMs < 0 && ReadLive(() => ReadNamed(version)) is { } record && RonkCodec.TryDecode(record, out RonkHeader header))
            {
                version.RecordedAtMs = header.CreatedAtMs;
            }

            return version.RecordedAtMs < 0 ? version.KnownSinceMs : version.RecordedAtMs;
        }
        catch (KmsException failure) when (failure.Error != KmsError.StoreStale && !StoreFailure.IsOfSystem(failure))
        {
            return version.KnownSinceMs;
        }
    }

    /// <summary>Takes an unsealed record apart, and compares all that it says with what the journal says of the version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="record">Its record.</param>
    /// <param name="plaintext">What <see cref="Sealer.Open"/> gave.</param>
    /// <param name="header">Receives the record's header.</param>
    /// <returns>The record's body, a view into the plaintext.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/></exception>
    internal static RecordBody RequireOwn(KeyVersion version, byte[] record, SecretBytes? plaintext, out RonkHeader header)
    {
        header = default;
        return plaintext is not null
            && RecordBody.TryDecode(plaintext.Reveal(), version.Id, out RecordBody body)
            && RonkCodec.TryDecode(record, out header)
            && header.NotAfterMs == version.NotAfterMs
            && (version.PublicKeyDigest is not { } digest || Digest.Of(header.PublicKey) == digest)
            ? body
            : throw Damaged(version.Id);
    }

    internal static KmsException Damaged(KeyId id) => new(
        KmsError.SealedCorrupt, $"The sealed record of {id} is damaged, missing, or not the one that the journal names. Other keys are not affected. Restore it from a backup.");

    private ReadOnlySpan<byte> ReadPublicKey(KeyVersion version) =>
        RonkCodec.TryDecode(HeaderBytes(version), out RonkHeader header) && Digest.Of(header.PublicKey) == version.PublicKeyDigest
            ? header.PublicKey
            : throw Damaged(version.Id);

    // A version that is destroyed right now has either its record or its header.
    private byte[] HeaderBytes(KeyVersion version) =>
        ReadLive(() => ReadNamed(version) ?? _store.ReadRemains(version.Id.Uuid, version.Id.Version)) ?? throw Damaged(version.Id);

    /// <summary>Reads what must be there. Where it is not, another process may have changed the generation in the meantime.</summary>
    private T? ReadLive<T>(Func<T?> read)
    {
        while (true)
        {
            long generation = 0;
            T? found = _gate.Read(() =>
            {
                generation = _followedGeneration?.Invoke() ?? 0;
                return read();
            });
            if (found is not null || _followedGeneration is null)
            {
                return found;
            }

            _refresh();
            if (_followedGeneration() == generation)
            {
                return found;
            }
        }
    }

    private byte[]? ReadNamed(KeyVersion version) =>
        _store.ReadRecord(version.Id.Uuid, version.Id.Version) is { } record && Digest.Of(record) == version.RecordDigest ? record : null;
}
