using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>A journal that was checked, with the records beside it: a backup's, or those of a store that is replaced.</summary>
internal sealed class RestoreSource(JournalReplay journal, StoreKey storeKey, Func<Guid, uint, byte[]?> readRecord, Func<Guid, uint, byte[]?> readRemains)
{
    internal JournalReplay Journal => journal;

    internal StoreKey StoreKey => storeKey;

    /// <summary>Checks a journal.</summary>
    /// <returns>Its fold, or <see langword="null"/> where the key does not vouch for it from its first line to its last whole one.</returns>
    internal static JournalReplay? Follow(byte[] journal, StoreKey storeKey, long generation)
    {
        JournalReplay replay = new(storeKey, generation, "the journal");
        try
        {
            _ = replay.Follow(journal);
        }
        catch (KmsException e) when (e.Error is KmsError.SealedCorrupt or KmsError.NewerFormat)
        {
            return null;
        }

        return replay.Head.Seq > 0 ? replay : null;
    }

    internal IEnumerable<KeyVersion> VersionsOf(Guid key) => journal.Directory.Find(key) is { } entry ? entry.Versions.ToArray() : [];

    /// <summary>A version's record, where it is the one that the journal names.</summary>
    internal byte[]? RecordOf(KeyVersion version) =>
        Read(readRecord, version) is { } record && Digest.Of(record) == version.RecordDigest ? record : null;

    /// <summary>A destroyed version's record, sealed under a store key, where it holds a handle: its key may still be in the device, and nothing else
    /// tells where.</summary>
    internal byte[]? HandleOf(KeyVersion version, StoreKey to)
    {
        byte[]? record = Read(readRecord, version);
        using SecretBytes? plaintext = HandleErasure.Unseal(record, version, new Sealer(storeKey));
        return plaintext is null
            || !RecordBody.TryDecode(plaintext.Reveal(), version.Id, out RecordBody body)
            || body.Kind != RecordKind.Handle
            || !RonkCodec.TryDecode(record, out RonkHeader header) ? null
            : storeKey.IsSame(to) ? record
            : new Sealer(to).Seal(body, header.PublicKey, header.CreatedAtMs, header.NotAfterMs);
    }

    /// <summary>A version's header, where it has the public key that the journal names.</summary>
    internal byte[]? HeaderOf(KeyVersion version)
    {
        byte[]? bytes = Read(readRemains, version) ?? Read(readRecord, version);
        return bytes is not null
            && RonkCodec.TryDecode(bytes, out RonkHeader header)
            && header.Key == version.Id.Uuid
            && (version.PublicKeyDigest is not { } digest || Digest.Of(header.PublicKey) == digest)
            ? bytes[..header.Size]
            : null;
    }

    private static byte[]? Read(Func<Guid, uint, byte[]?> read, KeyVersion version)
    {
        try
        {
            return read(version.Id.Uuid, version.Id.Version);
        }
        catch (KmsException e) when (!StoreFailure.IsOfSystem(e))
        {
            // A file that cannot be one of ours: the other source may have the right one.
            return null;
        }
    }
}
