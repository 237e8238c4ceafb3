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
    internal bool HasHandle(KeyVersion version)
    {
        using SecretBytes? plaintext = Unseal(version);
        return plaintext is not null && TryRead(plaintext, version, out RecordBody body) && body.Kind == RecordKind.Handle;
    }

    /// <summary>Removes the key of a version that has a handle.</summary>
    /// <exception cref="KmsException">As <see cref="KeyBackend.EraseKey"/>.</exception>
    internal void Erase(KeyVersion version)
    {
        using SecretBytes? plaintext = Unseal(version);
        if (plaintext is not null && TryRead(plaintext, version, out RecordBody body))
        {
            backend.EraseKey(body);
        }
    }

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

        return record is not null && Digest.Of(record) == version.RecordDigest ? sealer.Open(record, version.Id) : null;
    }
}
