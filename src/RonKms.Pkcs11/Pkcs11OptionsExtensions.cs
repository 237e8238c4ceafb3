using RonKms.Pkcs11;
using RonKms.Pkcs11.Keys;

namespace RonKms;

/// <summary>Brings PKCS#11 tokens to a keystore.</summary>
public static class Pkcs11OptionsExtensions
{
    /// <summary>Lets <c>RON_KMS_STORE</c> name a token: <c>pkcs11:token=…;x-store=file:PATH?module-path=…&amp;pin-source=file:…</c>. Keys act in the token
    /// as with the other overload, and the store's key is wrapped there, under the key that <c>object</c> names (<c>ronkms-kek</c> by default).</summary>
    /// <param name="options">The options.</param>
    /// <param name="allowImport">As for the other overload.</param>
    /// <param name="acceptUnvouched">As for <see cref="Pkcs11Token.Open(string, ReadOnlySpan{byte}, int, bool, bool)"/>.</param>
    /// <returns>The same options.</returns>
    public static KeystoreOptions UsePkcs11(this KeystoreOptions options, bool allowImport = false, bool acceptUnvouched = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.DevicePlaces.Add(new TokenPlaces(allowImport, acceptUnvouched));
        return options;
    }

    /// <summary>Keeps the keystore's keys in a token, where it has the mechanisms: Ed25519, P-256, RSA with 2048, 3072 and 4096 bits, AES-256-GCM,
    /// and with <c>UsePostQuantum</c> ML-DSA and ML-KEM. Keys of other algorithms stay in this process, sealed in the store;
    /// <see cref="KeyInfo.Backend"/> tells which a key is.</summary>
    /// <param name="options">The options of one keystore, which the backend that is made here belongs to.</param>
    /// <param name="token">The token. It stays the caller's, who may dispose it once the keystore is open or not.</param>
    /// <param name="allowImport">Whether keys may be imported into the token, for a migration. Such a key was elsewhere before, and the journal and
    /// its attestation say so.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="InvalidOperationException">The options name a backend already.</exception>
    public static KeystoreOptions UsePkcs11(this KeystoreOptions options, Pkcs11Token token, bool allowImport = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(token);
        if (options.Backend is not null)
        {
            throw new InvalidOperationException("The options name a backend already, and a keystore has one. Make options of their own for each keystore.");
        }

        // Asked for when the keystore is open, so that it does not matter what is called first.
        options.Backend = new Pkcs11Backend(token.Connection.Share(), () => options.Algorithms, allowImport, token.Made);
        return options;
    }
}
