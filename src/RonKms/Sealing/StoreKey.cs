using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>A store's secret and identity, and the keys that are derived from them. One derivation label a purpose.</summary>
/// <remarks>Thread-safe, also against its own disposal. Source: docs/formats/ronk-v1.md, sections 1 to 4.</remarks>
internal sealed class StoreKey : OpenedKey
{
    internal const int Size = 32;

    private readonly SecretBytes _storeKey;
    private readonly SecretBytes _journalKey;
    private readonly SecretBytes _descriptionKey;

    /// <summary>Takes a store's secret.</summary>
    /// <param name="storeId">The store's identity.</param>
    /// <param name="storeKey">The secret, 32 bytes; owned and wiped by this object.</param>
    internal StoreKey(Guid storeId, SecretBytes storeKey)
    {
        StoreId = storeId;
        _storeKey = storeKey;
        _journalKey = Derive("RONK/v1/journal"u8);
        _descriptionKey = Derive("RONK/v1/store"u8);
    }

    internal Guid StoreId { get; }

    internal static StoreKey Generate()
    {
        SecretBytes storeKey = SecretBytes.Allocate(Size);
        RandomNumberGenerator.Fill(storeKey.Reveal());
        return new StoreKey(RandomUuid.Next(), storeKey);
    }

    /// <summary>The store key itself, for wrapping under a key-encryption key.</summary>
    internal ReadOnlySpan<byte> Reveal() => _storeKey.Reveal();

    internal void MacJournalLine(ReadOnlySpan<byte> line, Span<byte> mac) => Mac(_journalKey, line, mac);

    internal void MacDescription(ReadOnlySpan<byte> description, Span<byte> mac) => Mac(_descriptionKey, description, mac);

    /// <summary>Derives the key of one record: salt is the key's UUID and the record's nonce, so that no key seals twice.</summary>
    internal void DeriveRecordKey(Guid key, ReadOnlySpan<byte> nonce, Span<byte> recordKey)
    {
        Span<byte> salt = stackalloc byte[16 + RonkHeader.NonceSize];
        key.TryWriteBytes(salt, bigEndian: true, out _);
        nonce.CopyTo(salt[16..]);
        Enter();
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _storeKey.Reveal(), recordKey, salt, "RONK/v1/record"u8);
        }
        finally
        {
            Leave();
        }
    }

    protected override void Wipe()
    {
        _storeKey.Dispose();
        _journalKey.Dispose();
        _descriptionKey.Dispose();
    }

    private SecretBytes Derive(ReadOnlySpan<byte> info)
    {
        Span<byte> salt = stackalloc byte[16];
        StoreId.TryWriteBytes(salt, bigEndian: true, out _);
        SecretBytes derived = SecretBytes.Allocate(32);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _storeKey.Reveal(), derived.Reveal(), salt, info);
        return derived;
    }

    private void Mac(SecretBytes key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Enter();
        try
        {
            int written = HMACSHA256.HashData(key.Reveal(), data, mac);
            System.Diagnostics.Debug.Assert(written == mac.Length, "a MAC has 32 bytes");
        }
        finally
        {
            Leave();
        }
    }
}
