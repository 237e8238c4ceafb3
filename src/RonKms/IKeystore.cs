namespace RonKms;

/// <summary>Keeps keys and uses them. Thread-safe: readers take no lock, writers take turns.</summary>
/// <remarks>
/// Disposal during a call lets the call end well or throw <see cref="ObjectDisposedException"/>. What each state of a key allows:
/// docs/formats/ronk-v1.md, section 8.
/// </remarks>
public interface IKeystore : ISigner, IVerifier, IMac, IKem, IEnvelope, ICapabilityRoots, IDisposable
{
    /// <summary>Makes a key.</summary>
    /// <param name="tenant">Who it belongs to.</param>
    /// <param name="purpose">What it is for; <c>ronkms.…</c> is the library's own.</param>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="options">What else it is given.</param>
    /// <returns>The name of its first version.</returns>
    /// <exception cref="ArgumentException">A name, a label or a time is not allowed.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>, <see cref="KmsError.StoreFailed"/>, <see cref="KmsError.Entropy"/>,
    /// <see cref="KmsError.Denied"/>; <see cref="KmsError.DowngradeRefused"/> as <see cref="PqMode"/> says.</exception>
    KeyId Create(string tenant, string purpose, KeyAlgorithm algorithm, KeyCreationOptions? options = null);

    /// <summary>Makes a signing key of the algorithm that the keystore's <see cref="PqMode"/> chooses.</summary>
    /// <inheritdoc cref="Create"/>
    KeyId CreateSigningKey(string tenant, string purpose, KeyCreationOptions? options = null);

    /// <summary>Makes a decapsulation key of the algorithm that the keystore's <see cref="PqMode"/> chooses.</summary>
    /// <inheritdoc cref="Create"/>
    KeyId CreateKemKey(string tenant, string purpose, KeyCreationOptions? options = null);

    /// <summary>Makes the key that signs attestations, or its next version. It signs nothing else.</summary>
    /// <param name="algorithm">A signature algorithm.</param>
    /// <returns>The name of the version that signs from now on.</returns>
    /// <exception cref="KmsException">As for <see cref="Create"/>.</exception>
    KeyId CreateAttestationKey(KeyAlgorithm algorithm);

    /// <summary>Brings in a key whose secret the caller has. The caller wipes its copy.</summary>
    /// <param name="tenant">Who it belongs to.</param>
    /// <param name="purpose">What it is for; <c>ronkms.…</c> is the library's own.</param>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="secret">The secret, in the form that docs/formats/ronk-v1.md, section 5 gives.</param>
    /// <param name="options">What else it is given.</param>
    /// <returns>The name of its first version.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: malformed, inconsistent, or held already:
    /// the same key, or one that shares a half with it (a hybrid and its component, two hybrids). Otherwise as for <see cref="Create"/>.</exception>
    KeyId Import(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> secret, KeyCreationOptions? options = null);

    /// <summary>Brings in a key as PKCS#8 (RFC 5958), unencrypted DER. The caller wipes its copy.</summary>
    /// <param name="tenant">Who it belongs to.</param>
    /// <param name="purpose">What it is for; <c>ronkms.…</c> is the library's own.</param>
    /// <param name="algorithm">The algorithm it must be of.</param>
    /// <param name="pkcs8">The encoding.</param>
    /// <param name="options">What else it is given.</param>
    /// <returns>The name of its first version.</returns>
    /// <exception cref="KmsException">As for <see cref="Import"/>.</exception>
    KeyId ImportPkcs8(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> pkcs8, KeyCreationOptions? options = null);

    /// <summary>Makes the key's next version; from then on only that one signs, wraps and encapsulates.</summary>
    /// <remarks>It has the labels of the version before, and lives from now for as long as that one was made to.</remarks>
    /// <param name="key">The version that is still the latest (compare-and-swap), or <c>#latest</c> to rotate whichever it is.</param>
    /// <returns>The name of the new version.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.NotLatestVersion"/>: somebody else rotated first. <see cref="KmsError.KeyDestroyed"/>: all
    /// versions are. <see cref="KmsError.AlgUnavailable"/>: it is in a device whose backend the keystore was opened without. Otherwise as for
    /// <see cref="Create"/>.</exception>
    KeyId Rotate(KeyId key);

    /// <summary>Puts one version out of use until it is enabled again.</summary>
    /// <param name="key">A concrete version.</param>
    /// <exception cref="KmsException"><see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>.</exception>
    void Disable(KeyId key);

    /// <summary>Puts one version back into use.</summary>
    /// <param name="key">A concrete version.</param>
    /// <exception cref="KmsException"><see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>.</exception>
    void Enable(KeyId key);

    /// <summary>Destroys one version. Its public key is kept, so that old signatures still verify.</summary>
    /// <remarks>Backups, snapshots and worn flash cells may keep the sealed record: docs/threat-model.md.</remarks>
    /// <param name="key">A concrete version.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.StoreFailed"/>.</exception>
    void Destroy(KeyId key);

    /// <summary>Destroys every version of a key in one commit.</summary>
    /// <param name="key">Any version of it, or <c>#latest</c>.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.StoreFailed"/>.</exception>
    void DestroyAllVersions(KeyId key);

    /// <summary>What is known of a version.</summary>
    /// <param name="key">A version, or <c>#latest</c>.</param>
    /// <returns>What is known.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/></exception>
    KeyInfo Get(KeyId key);

    /// <summary>Lists keys, oldest first.</summary>
    /// <param name="filter">Which; all of them, in their latest version, without one.</param>
    /// <returns>What is known of each.</returns>
    IReadOnlyList<KeyInfo> List(KeyFilter? filter = null);

    /// <summary>Finds the key to use for a purpose: the one made last whose latest version is enabled and not expired.</summary>
    /// <param name="tenant">Who it belongs to.</param>
    /// <param name="purpose">What it is for.</param>
    /// <returns>Its latest version, or <see langword="null"/> where there is none.</returns>
    KeyId? FindCurrent(string tenant, string purpose);

    /// <summary>The public key of a version, whatever its state.</summary>
    /// <param name="key">A version, or <c>#latest</c>.</param>
    /// <returns>The public key.</returns>
    /// <exception cref="ArgumentException">The key is symmetric.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.SealedCorrupt"/>.</exception>
    KmsPublicKey GetPublicKey(KeyId key);

    /// <summary>A version's lines of the custody journal and the head of the chain, signed where the store has an attestation key.</summary>
    /// <param name="key">A version, or <c>#latest</c>.</param>
    /// <returns>The attestation.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.StoreFailed"/>; <see cref="KmsError.DowngradeRefused"/>:
    /// the attestation key is a classical one, see <see cref="PqMode"/>.</exception>
    Attestation Attest(KeyId key);

    /// <summary>Takes in what other writers appended to the store.</summary>
    void Refresh();

    /// <summary>The same keystore, as one caller uses it: what guards, logs and spans see.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="correlationId">What ties the operations to a request.</param>
    /// <returns>A view; disposing it does nothing, and it ends with the keystore.</returns>
    /// <exception cref="InvalidOperationException">This is a view already: who was handed one cannot become another caller.</exception>
    IKeystore ForCaller(string caller, string? correlationId = null);
}
