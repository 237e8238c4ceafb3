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

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the backend holds.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
