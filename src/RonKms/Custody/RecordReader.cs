using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Reads records and headers, and trusts them only as far as the journal vouches for them.</summary>
internal sealed class RecordReader
{
    private readonly ISealedStore _store;

    internal RecordReader(ISealedStore store)
    {
        _store = store;
    }

    /// <summary>The header of a record whose digest or public key the journal names; empty where it is damaged.</summary>
    internal static ReadOnlyMemory<byte> HeaderOf(byte[]? record, KeyVersion version) =>
        record is not null && Digest.Of(record) == version.RecordDigest && RonkCodec.TryDecode(record, out RonkHeader header)
            ? record.AsMemory(0, header.Size)
            : default;

    /// <summary>Reads the sealed record of a version that is not destroyed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it is missing, or not the one that the journal names.</exception>
    internal byte[] Read(KeyVersion version) =>
        _store.ReadRecord(version.Id.Uuid, version.Id.Version) is { } record && Digest.Of(record) == version.RecordDigest
            ? record
            : throw Damaged(version.Id);

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
