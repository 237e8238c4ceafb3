using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Reads records and headers, and trusts them only as far as the journal vouches for them.</summary>
internal sealed class RecordReader
{
    private readonly ISealedStore _store;
    private readonly Action _refresh;

    /// <summary>Prepares to read.</summary>
    /// <param name="store">Where the records lie.</param>
    /// <param name="refresh">Takes in what was journalled, also by a commit under way.</param>
    internal RecordReader(ISealedStore store, Action refresh)
    {
        _store = store;
        _refresh = refresh;
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

    /// <summary>Reads the sealed record of a version that is not destroyed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it is missing, or not the one that the journal names.</exception>
    internal byte[] Read(KeyVersion version)
    {
        if (_store.ReadRecord(version.Id.Uuid, version.Id.Version) is { } record && Digest.Of(record) == version.RecordDigest)
        {
            return record;
        }

        // A destruction takes the record away a moment before the directory tells of it.
        _refresh();
        KeyRules.RequireEnabled(version);
        throw Damaged(version.Id);
    }

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

    /// <summary>When a version was made.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/></exception>
    internal long CreatedAtMs(KeyVersion version) => version.CreatedAtMs
        ?? (RonkCodec.TryDecode(HeaderBytes(version), out RonkHeader header) ? header.CreatedAtMs : throw Damaged(version.Id));

    internal static KmsException Damaged(KeyId id) => new(
        KmsError.SealedCorrupt, $"The sealed record of {id} is damaged, missing, or not the one that the journal names. Other keys are not affected. Restore it from a backup.");

    private ReadOnlySpan<byte> ReadPublicKey(KeyVersion version) =>
        RonkCodec.TryDecode(HeaderBytes(version), out RonkHeader header) && Digest.Of(header.PublicKey) == version.PublicKeyDigest
            ? header.PublicKey
            : throw Damaged(version.Id);

    private byte[] HeaderBytes(KeyVersion version)
    {
        // A version that is destroyed right now has either its record or its header.
        if (_store.ReadRecord(version.Id.Uuid, version.Id.Version) is { } record && Digest.Of(record) == version.RecordDigest)
        {
            return record;
        }

        return _store.ReadRemains(version.Id.Uuid, version.Id.Version) ?? throw Damaged(version.Id);
    }
}
