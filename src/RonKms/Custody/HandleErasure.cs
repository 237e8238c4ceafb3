using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Removes from their device the keys of destroyed versions whose records hold handles. In the writer's turn.</summary>
/// <remarks>The journal's line comes first, then the key in the device goes, and then the record that tells where it was: whatever cuts this short,
/// the next opening finds the record and goes on. Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class HandleErasure(ISealedStore store, Sealer sealer, KeyBackend backend)
{
    /// <summary>Whether a version's record is there and holds a handle. One that is damaged holds nothing that could be read.</summary>
    internal bool HasHandle(KeyVersion version) => KindOf(version) == RecordKind.Handle;

    /// <summary>What a version's record holds; <see langword="null"/> where it is missing or damaged.</summary>
    internal RecordKind? KindOf(KeyVersion version)
    {
        using SecretBytes? plaintext = Unseal(version);
        return plaintext is not null && TryRead(plaintext, version, out RecordBody body) ? body.Kind : null;
    }

    /// <summary>Removes the key of a version that has a handle.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="KmsException">As <see cref="KeyBackend.EraseKey"/>.</exception>
    internal bool Erase(KeyVersion version)
    {
        using SecretBytes? plaintext = Unseal(version);
        return plaintext is not null && TryRead(plaintext, version, out RecordBody body) && backend.EraseKey(body);
    }

    /// <summary>Finishes, in a store that was checked and settled, destructions that were cut short: removes the keys, and then their records.</summary>
    /// <returns>How many were finished. Of the others the record stays, and tells a later opening, or the next call of Destroy, where the key is.</returns>
    /// <exception cref="KmsException">The records could not be removed.</exception>
    internal int Finish(IEnumerable<KeyVersion> versions, long headSeq)
    {
        List<RecordRemoval> removals = [];
        foreach (KeyVersion version in versions)
        {
            try
            {
                Erase(version);
                removals.Add(RecordReader.RemovalOf(store, version));
            }
            catch (KmsException failure) when (StoreFailure.IsOfSystem(failure) || failure.Error is KmsError.TokenUnavailable or KmsError.AlgUnavailable or KmsError.Busy)
            {
                // One key that cannot be removed now keeps no other from being used.
            }
        }

        return removals.Count > 0 && store.Commit(new StoreCommit(headSeq, [], [], removals)) == CommitResult.Committed ? removals.Count : 0;
    }

    /// <summary>Opens the record of a version. Of one that was destroyed before its generation began the line names no record: then its seal alone vouches for it.</summary>
    /// <returns>The body; <see langword="null"/> where there is none, or it is damaged.</returns>
    internal static SecretBytes? Unseal(byte[]? record, KeyVersion version, Sealer sealer) =>
        record is not null && (version.RecordDigest is not { } digest || Digest.Of(record) == digest) ? sealer.Open(record, version.Id) : null;

    private static bool TryRead(SecretBytes plaintext, KeyVersion version, out RecordBody body) =>
        RecordBody.TryDecode(plaintext.Reveal(), version.Id, out body);

    private SecretBytes? Unseal(KeyVersion version)
    {
        byte[]? record;
        try
        {
            record = store.ReadRecord(version.Id.Uuid, version.Id.Version);
        }
        catch (KmsException failure) when (!StoreFailure.IsOfSystem(failure))
        {
            // As for RecordReader.RemovalOf: a file that is no record keeps nothing from being destroyed.
            record = null;
        }

        return Unseal(record, version, sealer);
    }
}
