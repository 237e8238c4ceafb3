namespace RonKms;

/// <summary>The first link of each capability's chain: whoever has this can make capabilities. For the package RonKms.Capabilities. Thread-safe.</summary>
/// <remarks>
/// The keys have the reserved purpose <c>ronkms.capability</c>, which no other operation takes, and authenticate nothing but a
/// <see cref="CapabilityId"/>, so that neither a signature nor a code of a general operation is ever a capability. Guards and metrics see
/// <see cref="KmsOperationKind.Mac"/> on that key.
/// </remarks>
public interface ICapabilityRoots
{
    /// <summary>Makes the key that capabilities begin with, or its next version. What older versions began stays valid until they are disabled or destroyed.</summary>
    /// <returns>The name of the version that new capabilities begin with from now on.</returns>
    /// <exception cref="KmsException">As for <see cref="IKeystore.Create"/>.</exception>
    KeyId CreateCapabilityKey();

    /// <summary>Begins a new capability: HMAC-SHA-256 of a new id under the newest version of the capability key.</summary>
    /// <param name="id">Receives the new id.</param>
    /// <returns>The first link, 32 bytes; the caller owns and disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>: there is no key yet that could be used. Otherwise as for <see cref="ISigner"/>.</exception>
    SecretBytes BeginCapability(out CapabilityId id);

    /// <summary>Computes again what <see cref="BeginCapability"/> gave, to verify a capability.</summary>
    /// <param name="id">The id that the capability names.</param>
    /// <returns>The first link, 32 bytes; the caller owns and disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>.</exception>
    SecretBytes ComputeCapabilityRoot(CapabilityId id);
}
