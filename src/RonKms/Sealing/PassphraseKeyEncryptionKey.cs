using RonKms.Algorithms;
using RonKms.Interop;

namespace RonKms.Sealing;

/// <summary>A key-encryption key that Argon2id (RFC 9106) derives from a passphrase.</summary>
internal sealed class PassphraseKeyEncryptionKey : KeyEncryptionKey
{
    private const string KindName = "passphrase";
    private const string Kdf = "argon2id";
    private const int MaxPassphraseSize = PassphraseFile.MaxSize;
    private const int SaltSize = 16;

    // New wraps: 64 MiB and 3 passes. What a store may ask for is bounded on both sides, so that a tampered
    // description can neither weaken the derivation nor exhaust the machine.
    private const long NewMemoryKib = 65_536;
    private const long NewOps = 3;
    private const long MinMemoryKib = 19_456;
    private const long MaxMemoryKib = 1_048_576;
    private const long MinOps = 2;
    private const long MaxOps = 16;

    private readonly SecretBytes _passphrase;

    internal PassphraseKeyEncryptionKey(ReadOnlySpan<byte> passphrase)
    {
        if (passphrase.IsEmpty || passphrase.Length > MaxPassphraseSize)
        {
            throw new ArgumentException($"A passphrase has 1 to {MaxPassphraseSize} bytes.", nameof(passphrase));
        }

        _passphrase = SecretBytes.CopyOf(passphrase);
    }

    public override string Kind => KindName;

    internal static PassphraseKeyEncryptionKey Read(string path, bool allowMountedSecret)
    {
        using SecretBytes passphrase = PassphraseFile.Read(path, allowMountedSecret);
        return new PassphraseKeyEncryptionKey(passphrase.Reveal()) { File = path };
    }

    public override byte[] Wrap(ReadOnlySpan<byte> storeKey, out KekDescription description)
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        Entropy.Fill(salt);
        description = KekDescription.OfKind(KindName)
            .With("kdf", Kdf)
            .With("mem_kib", NewMemoryKib)
            .With("ops", NewOps)
            .With("salt", Convert.ToBase64String(salt));
        using SecretBytes kek = Derive(salt, NewMemoryKib, NewOps);
        return AesKeyWrap.Wrap(kek.Reveal(), storeKey);
    }

    public override bool TryUnwrap(KekDescription description, ReadOnlySpan<byte> wrapped, Span<byte> storeKey)
    {
        if (!description.HasExactly("kdf", "kind", "mem_kib", "ops", "salt") || description.GetString("kdf") != Kdf)
        {
            throw Unacceptable($"the derivation is not {Kdf} with memory, passes and salt");
        }

        if (description.GetInteger("mem_kib") is not (>= MinMemoryKib and <= MaxMemoryKib and { } memoryKib)
            || description.GetInteger("ops") is not (>= MinOps and <= MaxOps and { } ops))
        {
            throw Unacceptable($"memory must be {MinMemoryKib} to {MaxMemoryKib} KiB and passes {MinOps} to {MaxOps}");
        }

        Span<byte> salt = stackalloc byte[SaltSize];
        string text = description.GetString("salt") ?? string.Empty;
        if (!Convert.TryFromBase64String(text, salt, out int written) || written != SaltSize || Convert.ToBase64String(salt) != text)
        {
            throw Unacceptable($"the salt is not {SaltSize} bytes of base64");
        }

        using SecretBytes kek = Derive(salt, memoryKib, ops);
        return AesKeyWrap.TryUnwrap(kek.Reveal(), wrapped, storeKey);
    }

    protected override void Dispose(bool disposing) => _passphrase.Dispose();

    private SecretBytes Derive(ReadOnlySpan<byte> salt, long memoryKib, long ops)
    {
        SecretBytes kek = SecretBytes.Allocate(FileKeyEncryptionKey.Size);
        try
        {
            int result = Libsodium.crypto_pwhash(
                kek.Reveal(),
                (ulong)kek.Length,
                _passphrase.Reveal(),
                (ulong)_passphrase.Length,
                salt,
                (ulong)ops,
                (nuint)memoryKib * 1024,
                Libsodium.crypto_pwhash_ALG_ARGON2ID13);
            return result == 0
                ? kek
                : throw new KmsException(KmsError.Internal, $"Argon2id could not get {memoryKib} KiB of memory. Free some and try again.");
        }
        catch
        {
            kek.Dispose();
            throw;
        }
    }
}
