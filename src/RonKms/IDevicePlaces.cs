using RonKms.Algorithms;

namespace RonKms;

/// <summary>A kind of place that another package opens: one that names a device, and with it where keys act and what the store's key is wrapped under.</summary>
public interface IDevicePlaces
{
    /// <summary>What places of this kind begin with, the colon included: <c>pkcs11:</c>.</summary>
    string Scheme { get; }

    /// <summary>What a place of this scheme must be and is not.</summary>
    /// <param name="place">The place.</param>
    /// <returns>The end of a sentence that begins with "RON_KMS_STORE must be", or <see langword="null"/> where it can be opened.</returns>
    string? Fault(string place);

    /// <summary>Opens what the place names.</summary>
    /// <param name="place">The place, of this scheme and without a fault.</param>
    /// <param name="algorithms">The algorithms of the keystore, for keys that the device cannot hold.</param>
    /// <param name="create">Whether a key-encryption key that is not there is made.</param>
    /// <param name="allowMountedSecret">Whether a file with the device's PIN may be a symbolic link, belong to root or be readable by others
    /// (<see cref="KeystoreSettings.KekMounted"/>).</param>
    /// <returns>What the store is opened with; the caller disposes backend and key-encryption key.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>, <see cref="KmsError.Denied"/>, <see cref="KmsError.WrongKek"/>.</exception>
    DevicePlace Open(string place, AlgorithmCatalog algorithms, bool create, bool allowMountedSecret);
}
