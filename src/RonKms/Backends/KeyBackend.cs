using RonKms.Algorithms;
using RonKms.Sealing;

namespace RonKms.Backends;

/// <summary>Where secrets act: in this process, or in hardware. Thread-safe.</summary>
public abstract class KeyBackend : IDisposable
{
    /// <summary>The name for <c>KeyInfo</c> and attestations.</summary>
    public abstract string Name { get; }

    /// <summary>Whether keys of an algorithm can be made and used here.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <returns>Whether they can.</returns>
    public abstract bool Supports(KeyAlgorithm algorithm);

    /// <summary>Makes a key.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    /// <returns>What to seal; the caller disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>, <see cref="KmsError.Entropy"/>, <see cref="KmsError.TokenUnavailable"/>.</exception>
    public abstract GeneratedKey Generate(KeyAlgorithm algorithm);

    /// <summary>Takes a key whose secret the caller has.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="secret">The secret, untrusted.</param>
    /// <returns>What to seal; the caller disposes it. <see langword="null"/> where the secret is malformed or inconsistent.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>; <see cref="KmsError.ImportRefused"/> where nothing can be imported.</exception>
    public abstract GeneratedKey? Import(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret);

    /// <summary>Makes a sealed key ready for use, after comparing its public key with what the secret gives.</summary>
    /// <param name="body">The record's body.</param>
    /// <param name="publicKey">The public key in the record's header.</param>
    /// <returns>A <see cref="SigningKey"/>, <see cref="DecapsulationKey"/>, <see cref="AeadKey"/> or <see cref="MacKey"/>, by the algorithm's use; the
    /// caller disposes it. <see langword="null"/> where secret and public key do not belong together.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>, <see cref="KmsError.TokenUnavailable"/>.</exception>
    public abstract OpenedKey? Open(in RecordBody body, ReadOnlySpan<byte> publicKey);

    /// <summary>Whether records may hold handles of this backend's device beside secrets, so that each key has to be looked at to say where it acts.</summary>
    public virtual bool KeepsHandles => false;

    /// <summary>Removes a key from the backend's device, once the journal says that it is destroyed, or where it never came to be recorded.
    /// One that is gone already is no failure. A secret in the record itself goes with the record, and needs nothing here.</summary>
    /// <param name="body">The record's body.</param>
    /// <returns>Whether it was there, as far as that is known. The device answered, and holds it no more, either way.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>; <see cref="KmsError.AlgUnavailable"/> where the handle is not
    /// one of this backend's device.</exception>
    public virtual bool EraseKey(in RecordBody body) => body.Kind == RecordKind.Secret ? true : throw NotOfThisProcess(body.Id);

    /// <summary>Removes from the backend's device a destroyed key whose record is damaged or missing, so that nothing tells where it is but its public key.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="publicKeyDigest">SHA-256 of its raw public key; empty where it has none.</param>
    /// <returns>Whether nothing of it is left for certain: it was found and removed, or the backend keeps no such keys in a device. One that is not
    /// among the keys there may be in another device.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>.</exception>
    public virtual bool TryEraseLostKey(KeyAlgorithm algorithm, ReadOnlySpan<byte> publicKeyDigest) => !KeepsHandles;

    /// <summary>What the backend's device says of a key at this moment, for attestations.</summary>
    /// <param name="body">The record's body, of kind <see cref="RecordKind.Handle"/>.</param>
    /// <param name="publicKey">The public key in the record's header: the device's must be the same.</param>
    /// <returns>Names (<c>a-z</c> and <c>_</c>) and values in no order; no secret among them.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>; <see cref="KmsError.AlgUnavailable"/> as for <see cref="EraseKey"/>;
    /// <see cref="KmsError.SealedCorrupt"/>: the device holds another key in its place.</exception>
    public virtual IReadOnlyList<KeyValuePair<string, string>> Attest(in RecordBody body, ReadOnlySpan<byte> publicKey) => throw NotOfThisProcess(body.Id);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A key that is in a device which this backend does not reach.</summary>
    internal static KmsException NotOfThisProcess(KeyId key) => new(
        KmsError.AlgUnavailable,
        $"{key} is in a hardware device, and its record holds only a handle. Nothing was changed. Open the store with the device's backend, such as options.UsePkcs11() of RonKms.Pkcs11.");

    /// <summary>Lets go of what the backend holds.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
