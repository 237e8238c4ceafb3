using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Compares what lies in a store of a key version with what the journal says of it, a record at a time. One thread at a time.</summary>
/// <param name="readRecord">Reads a sealed record.</param>
/// <param name="readRemains">Reads what is left of a destroyed version.</param>
/// <param name="sealer">What opens records; <see langword="null"/> where there is no key: then they are compared with the journal alone.</param>
/// <param name="backend">What opens keys.</param>
internal sealed class VersionCheck(Func<Guid, uint, byte[]?> readRecord, Func<Guid, uint, byte[]?> readRemains, Sealer? sealer, KeyBackend backend)
{
    private const string FromBackup = "Restore this one record from a backup: docs/runbooks/damaged-record.md.";

    /// <summary>How many records were read.</summary>
    internal long Records { get; private set; }

    /// <summary>How many bytes records and remains had.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Judges one version.</summary>
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    internal StoreFinding? Judge(KeyVersion version)
    {
        bool isDestroyed = version.State == KeyState.Destroyed;
        try
        {
            return isDestroyed ? JudgeRemains(version) : JudgeRecord(version);
        }
        catch (KmsException e) when (e.Error is KmsError.AlgUnavailable or KmsError.TokenUnavailable)
        {
            return new StoreFinding(
                StoreFindingKind.NotChecked, false, version.Id, null, $"Whether its secret gives its public key was not checked. {e.Message}", "Its record is the journal's.");
        }
        catch (KmsException e)
        {
            StoreFindingKind kind = StoreFindings.KindOf(e, isDestroyed ? StoreFindingKind.RemainsDamaged : StoreFindingKind.RecordDamaged);
            return new StoreFinding(kind, true, version.Id, null, e.Message, StoreFindings.AdviceOn(e));
        }
    }

    /// <summary>Whether anything lies where a record would.</summary>
    internal bool HasRecord(Guid key, uint version)
    {
        try
        {
            return readRecord(key, version) is not null;
        }
        catch (KmsException e) when (!StoreFailure.IsOfSystem(e))
        {
            // A link, a pipe, a file that is too long: something lies there.
            return true;
        }
    }

    /// <summary>Whether a header says of a version what the journal says.</summary>
    internal static bool IsOf(KeyVersion version, in RonkHeader header) =>
        header.Key == version.Id.Uuid
        && ReferenceEquals(header.Algorithm, version.Id.Algorithm)
        && header.NotAfterMs == version.NotAfterMs
        && (version.PublicKeyDigest is not { } digest || Digest.Of(header.PublicKey) == digest);

    private StoreFinding? JudgeRecord(KeyVersion version)
    {
        if (readRecord(version.Id.Uuid, version.Id.Version) is not { } record)
        {
            return Damaged(version, "Its record is missing.");
        }

        Records++;
        Bytes += record.Length;
        if (Digest.Of(record) != version.RecordDigest)
        {
            return Damaged(version, "Its record is not the one that the journal names: the SHA-256 is another.");
        }

        if (!RonkCodec.TryDecode(record, out RonkHeader header) || !IsOf(version, header))
        {
            return Damaged(version, "Its record's header does not say what the journal says of it.");
        }

        if (sealer is null)
        {
            return null;
        }

        using SecretBytes? plaintext = sealer.Open(record, version.Id);
        if (plaintext is null)
        {
            return Damaged(version, "Its record does not open under the store's key.");
        }

        if (!RecordBody.TryDecode(plaintext.Reveal(), version.Id, out RecordBody body))
        {
            return Damaged(version, "What is sealed in its record is malformed, or another version's.");
        }

        if (body.Kind == RecordKind.Handle && !backend.KeepsHandles)
        {
            throw KeyBackend.NotOfThisProcess(version.Id);
        }

        using OpenedKey? opened = backend.Open(body, header.PublicKey);
        return opened is null ? Damaged(version, "The secret in its record does not give its public key.") : null;
    }

    private StoreFinding? JudgeRemains(KeyVersion version)
    {
        if (HasRecord(version.Id.Uuid, version.Id.Version))
        {
            return new StoreFinding(
                StoreFindingKind.RecordNotErased, false, version.Id, null, "It is destroyed, and its record is still there.", "The next opening for writing erases it.");
        }

        if (readRemains(version.Id.Uuid, version.Id.Version) is not { } remains)
        {
            // So does a version look whose record was damaged when it was destroyed; a symmetric one leaves nothing that anybody needs.
            return version.PublicKeyDigest is null ? null : new StoreFinding(
                StoreFindingKind.RemainsDamaged,
                false,
                version.Id,
                null,
                "It is destroyed, and its public key was not kept or is gone: its signatures cannot be verified here.",
                "If they are needed, take the .pub file from a backup: docs/runbooks/damaged-record.md.");
        }

        Bytes += remains.Length;
        return RonkCodec.TryDecode(remains, out RonkHeader header) && remains.Length == header.Size && IsOf(version, header)
            ? null
            : new StoreFinding(
                StoreFindingKind.RemainsDamaged, true, version.Id, null, "It is destroyed, and what is left of it is not what the journal names.", FromBackup);
    }

    private static StoreFinding Damaged(KeyVersion version, string found) =>
        new(StoreFindingKind.RecordDamaged, true, version.Id, null, found, FromBackup);
}
