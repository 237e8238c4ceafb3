using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>What a store's key is wrapped under. Open to other packages, which keep theirs in hardware.</summary>
/// <remarks>The keystore that is opened with it takes ownership and disposes it. Source: docs/formats/ronk-v1.md, section 2.</remarks>
public abstract class KeyEncryptionKey : IDisposable
{
    private bool _isDisposed;

    /// <summary>The kind as store.json names it: <c>keyfile</c>, <c>passphrase</c>, …</summary>
    public abstract string Kind { get; }

    /// <summary>The file it was read from, where it was.</summary>
    internal string? File { get; private protected init; }

    /// <summary>A key in a file: base64 of 32 bytes and at most one final LF; mode 0600, owned by the effective user.</summary>
    /// <param name="path">The file; not inside the store.</param>
    /// <param name="allowMountedSecret">Whether it may be a symbolic link or readable by others, as container platforms mount secrets.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the file is missing or cannot be read; <see cref="KmsError.PermissionsTooWide"/>;
    /// <see cref="KmsError.WrongKek"/> where it holds something else.</exception>
    public static KeyEncryptionKey FromFile(string path, bool allowMountedSecret = false) => FileKeyEncryptionKey.Read(path, allowMountedSecret);

    /// <summary>A key that the caller has as bytes. Stores see it as a key file's.</summary>
    /// <param name="key">32 bytes; they are copied, and the caller wipes its own.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="ArgumentException">The key has not 32 bytes.</exception>
    public static KeyEncryptionKey FromBytes(ReadOnlySpan<byte> key) => new FileKeyEncryptionKey(key);

    /// <summary>A fresh random key that nobody else has, for stores that end with the process.</summary>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    public static KeyEncryptionKey Ephemeral()
    {
        using SecretBytes key = SecretBytes.Allocate(FileKeyEncryptionKey.Size);
        Entropy.Fill(key.Reveal());
        return new FileKeyEncryptionKey(key.Reveal());
    }

    /// <summary>A key derived from a passphrase by Argon2id (RFC 9106).</summary>
    /// <param name="passphrase">The passphrase's bytes, 1 to 4,096; not normalised. They are copied, and the caller wipes its own.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="ArgumentException">The passphrase is empty or too long.</exception>
    public static KeyEncryptionKey FromPassphrase(ReadOnlySpan<byte> passphrase) => new PassphraseKeyEncryptionKey(passphrase);

    /// <summary>A key derived from the passphrase in a file, up to its first LF or CRLF; mode 0600, owned by the effective user.</summary>
    /// <param name="path">The file; not inside the store.</param>
    /// <param name="allowMountedSecret">Whether it may be a symbolic link or readable by others, as container platforms mount secrets.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="KmsException">As for <see cref="FromFile"/>.</exception>
    public static KeyEncryptionKey FromPassphraseFile(string path, bool allowMountedSecret = false) =>
        PassphraseKeyEncryptionKey.Read(path, allowMountedSecret);

    /// <summary>Makes a new key file, mode 0600. An existing file is never replaced.</summary>
    /// <param name="path">Where; its directory must exist.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the file exists, and was not touched, or it cannot be written.</exception>
    public static void CreateFile(string path) => FileKeyEncryptionKey.Create(path);

    /// <summary>Wraps a store's key.</summary>
    /// <param name="storeKey">The store's key, 32 bytes.</param>
    /// <param name="description">Receives what it takes to unwrap it with this key.</param>
    /// <returns>The wrapped key.</returns>
    public abstract byte[] Wrap(ReadOnlySpan<byte> storeKey, out KekDescription description);

    /// <summary>Unwraps a store's key.</summary>
    /// <param name="description">What the store says of its key-encryption key; of this <see cref="Kind"/>, but otherwise untrusted.</param>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="storeKey">Receives the store's key, 32 bytes of guarded memory.</param>
    /// <returns>Whether this key unwraps it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: the description is not acceptable.</exception>
    public abstract bool TryUnwrap(KekDescription description, ReadOnlySpan<byte> wrapped, Span<byte> storeKey);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Wipes the key.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected abstract void Dispose(bool disposing);

    /// <summary>Refuses a key that is already wiped: most often one that was given to a second keystore.</summary>
    internal void RequireUsable()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(
                nameof(KeyEncryptionKey),
                "This key-encryption key was taken by a keystore, or disposed, and is wiped. Make a new one for each call that opens a store or changes its key.");
        }
    }

    /// <summary>A description that this version does not accept.</summary>
    private protected static KmsException Unacceptable(string why) => new(
        KmsError.SealedCorrupt, $"store.json describes its key-encryption key in a way that is refused: {why}. Nothing was changed.");
}
