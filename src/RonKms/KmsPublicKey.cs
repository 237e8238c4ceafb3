using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms;

/// <summary>A public key that was checked, with what can be done with it. Immutable and thread-safe.</summary>
/// <remarks>One that a keystore gave refuses what the keystore's <see cref="PqMode"/> refuses; one that <see cref="FromRaw"/> made has no mode.</remarks>
public sealed class KmsPublicKey
{
    private readonly Algorithm _implementation;
    private readonly byte[] _raw;
    private readonly PqMode _mode;

    internal KmsPublicKey(Algorithm implementation, ReadOnlySpan<byte> raw, PqMode mode)
    {
        _implementation = implementation;
        _raw = raw.ToArray();
        _mode = mode;
    }

    /// <summary>The key's algorithm.</summary>
    public KeyAlgorithm Algorithm => _implementation.Id;

    /// <summary>The raw public key, as docs/formats/ronk-v1.md, section 5 gives it.</summary>
    public ReadOnlyMemory<byte> Raw => _raw;

    /// <summary>Takes a raw public key and checks it.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="raw">The key; it is copied.</param>
    /// <param name="catalog">Where the implementation is found; <see cref="AlgorithmCatalog.Classical"/> by default.</param>
    /// <returns>The public key.</returns>
    /// <exception cref="ArgumentException">The bytes are no public key of that algorithm.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/></exception>
    public static KmsPublicKey FromRaw(KeyAlgorithm algorithm, ReadOnlySpan<byte> raw, AlgorithmCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        Algorithm implementation = (catalog ?? AlgorithmCatalog.Classical).Find(algorithm);
        // The copy is checked: another thread of the caller's may write to what it gave.
        KmsPublicKey key = new(implementation, raw, PqMode.Classical);
        return implementation.IsValidPublicKey(key._raw)
            ? key
            : throw new ArgumentException($"The bytes are not a public key of {algorithm}.", nameof(raw));
    }

    /// <summary>Verifies a signature.</summary>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature; a malformed one is not good, and no exception.</param>
    /// <param name="options">The options it was made with.</param>
    /// <returns>Whether the signature is good.</returns>
    /// <exception cref="InvalidOperationException">Keys of this algorithm do not sign.</exception>
    /// <exception cref="ArgumentException">An option that the algorithm does not have.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.DowngradeRefused"/>: see <see cref="PqMode"/>.</exception>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options = null)
    {
        SignatureAlgorithm algorithm = _implementation as SignatureAlgorithm ?? throw new InvalidOperationException($"Keys of {Algorithm} do not sign.");
        algorithm.CheckOptions(options);
        PqModes.RequireAllowed(_mode, options);
        return algorithm.Verify(_raw, message, signature, options);
    }

    /// <summary>Makes a fresh shared secret for the key's holder.</summary>
    /// <returns>Ciphertext and shared secret; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">Keys of this algorithm do not encapsulate.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.DowngradeRefused"/>: see <see cref="PqMode"/>.</exception>
    public Encapsulation Encapsulate()
    {
        KemAlgorithm kem = Kem();
        byte[] ciphertext = new byte[kem.CiphertextSize];
        SecretBytes sharedSecret = SecretBytes.Allocate(kem.SharedSecretSize);
        try
        {
            kem.Encapsulate(_raw, ciphertext, sharedSecret.Reveal());
        }
        catch
        {
            sharedSecret.Dispose();
            throw;
        }

        return new Encapsulation(ciphertext, sharedSecret);
    }

    /// <summary>Makes a fresh shared secret for the key's holder in the caller's buffers.</summary>
    /// <param name="ciphertext">Receives the ciphertext, of the algorithm's exact size.</param>
    /// <param name="sharedSecret">Receives the shared secret, of the algorithm's exact size; the caller wipes it.</param>
    /// <exception cref="InvalidOperationException">Keys of this algorithm do not encapsulate.</exception>
    /// <exception cref="ArgumentException">A length is wrong, or the buffers overlap.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.DowngradeRefused"/>: see <see cref="PqMode"/>.</exception>
    public void Encapsulate(Span<byte> ciphertext, Span<byte> sharedSecret) => Kem().Encapsulate(_raw, ciphertext, sharedSecret);

    /// <summary>Encrypts to the key's holder: HPKE, RFC 9180, base mode, single-shot. <c>HpkeOpen</c> of a keystore opens it.</summary>
    /// <remarks>Needs no keystore, and anyone can do it: the ciphertext says nothing of who made it.</remarks>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="options">What the ciphertext is bound to, and its cipher.</param>
    /// <returns><c>enc ‖ ct</c>: 48 bytes more than the plaintext for X25519, 1136 for X-Wing.</returns>
    /// <exception cref="InvalidOperationException">Keys of this algorithm do not encapsulate, or have no HPKE.</exception>
    /// <exception cref="ArgumentException">A cipher that HPKE does not have here.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform has no such cipher. <see cref="KmsError.Entropy"/>.
    /// <see cref="KmsError.DowngradeRefused"/>: see <see cref="PqMode"/>.</exception>
    public byte[] HpkeSeal(ReadOnlySpan<byte> plaintext, HpkeOptions? options = null)
    {
        Hpke hpke = RequireHpke(options);
        byte[] ciphertext = new byte[checked(plaintext.Length + hpke.Overhead)];
        hpke.Seal(_raw, plaintext, ciphertext);
        return ciphertext;
    }

    /// <summary>Encrypts to the key's holder into the caller's buffer.</summary>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="destination">Receives <c>enc ‖ ct</c>: 48 bytes more than the plaintext for X25519, 1136 for X-Wing. Must not overlap the
    /// plaintext or what the options hold. Zeroed on failure.</param>
    /// <param name="options">What the ciphertext is bound to, and its cipher.</param>
    /// <returns>How many bytes the ciphertext has.</returns>
    /// <exception cref="InvalidOperationException">Keys of this algorithm do not encapsulate, or have no HPKE.</exception>
    /// <exception cref="ArgumentException">The destination is too small or overlaps an input, or a cipher that HPKE does not have here.</exception>
    /// <exception cref="KmsException">As for the other overload.</exception>
    public int HpkeSeal(ReadOnlySpan<byte> plaintext, Span<byte> destination, HpkeOptions? options = null)
    {
        Hpke hpke = RequireHpke(options);
        int size = checked(plaintext.Length + hpke.Overhead);
        if (destination.Length < size)
        {
            throw new ArgumentException($"The buffer is too small: {size} bytes are needed.", nameof(destination));
        }

        hpke.RequireApart(plaintext, destination);
        hpke.Seal(_raw, plaintext, destination[..size]);
        return size;
    }

    /// <summary>Encodes the key as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).</summary>
    /// <returns>The DER encoding.</returns>
    /// <exception cref="NotSupportedException">No standard has one for this algorithm.</exception>
    public byte[] ExportSubjectPublicKeyInfo() => _implementation.ExportSubjectPublicKeyInfo(_raw);

    /// <summary>Encodes the key as PEM (RFC 7468), label <c>PUBLIC KEY</c>.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="NotSupportedException">No standard has one for this algorithm.</exception>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", ExportSubjectPublicKeyInfo());

    /// <summary>Encodes the key as a JSON Web Key (RFC 7517).</summary>
    /// <returns>The JSON text, without white space.</returns>
    /// <exception cref="NotSupportedException">No standard has one for this algorithm.</exception>
    public string ToJwk()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, string value) in _implementation.ExportJwk(_raw))
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private Hpke RequireHpke(HpkeOptions? options) => Hpke.With(Kem(), options)
        ?? throw new InvalidOperationException($"There is no HPKE with keys of {Algorithm}: use {KeyAlgorithm.X25519} or {KeyAlgorithm.XWing}.");

    private KemAlgorithm Kem()
    {
        KemAlgorithm kem = _implementation as KemAlgorithm ?? throw new InvalidOperationException($"Keys of {Algorithm} do not encapsulate.");
        PqModes.RequireAllowed(_mode, Algorithm);
        return kem;
    }
}
