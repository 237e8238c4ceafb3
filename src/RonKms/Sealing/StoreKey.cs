using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>A store's secret and identity, and the keys that are derived from them. One derivation label a purpose.</summary>
/// <remarks>Thread-safe, also against its own disposal. Source: docs/formats/ronk-v1.md, sections 1 to 4.</remarks>
internal sealed class StoreKey : OpenedKey
{
    internal const int Size = 32;

    private static readonly Range s_journalKey = ..Size;
    private static readonly Range s_descriptionKey = Size..(2 * Size);
    private static readonly Range s_anchorKey = (2 * Size)..;

    private readonly SecretBytes _storeKey;

    // The journal's key ‖ the description's ‖ the anchor's.
    private readonly SecretBytes _macKeys = SecretBytes.Allocate(3 * Size);

    /// <summary>Takes a store's secret.</summary>
    /// <param name="storeId">The store's identity.</param>
    /// <param name="storeKey">The secret, 32 bytes; owned and wiped by this object, but still the caller's where this throws.</param>
    internal StoreKey(Guid storeId, SecretBytes storeKey)
    {
        StoreId = storeId;
        _storeKey = storeKey;
        try
        {
            Derive("RONK/v1/journal"u8, s_journalKey);
            Derive("RONK/v1/store"u8, s_descriptionKey);
            Derive("RONK/v1/anchor"u8, s_anchorKey);
        }
        catch
        {
            _macKeys.Dispose();
            throw;
        }
    }

    internal Guid StoreId { get; }

    internal static StoreKey Generate() => Generate(RandomUuid.Next());

    /// <summary>Another secret for a store.</summary>
    internal static StoreKey Generate(Guid storeId)
    {
        SecretBytes storeKey = SecretBytes.Allocate(Size);
        try
        {
            Entropy.Fill(storeKey.Reveal());
            return new StoreKey(storeId, storeKey);
        }
        catch
        {
            storeKey.Dispose();
            throw;
        }
    }

    /// <summary>The store key itself, for wrapping under a key-encryption key.</summary>
    internal ReadOnlySpan<byte> Reveal() => _storeKey.Reveal();

    /// <summary>Whether two have the same secret.</summary>
    internal bool IsSame(StoreKey other) => CryptographicOperations.FixedTimeEquals(_storeKey.Reveal(), other._storeKey.Reveal());

    internal void MacJournalLine(ReadOnlySpan<byte> line, Span<byte> mac) => Mac(s_journalKey, line, mac);

    /// <summary>Begins MACs over many journal lines. The key then lies in the platform's memory until what this gives is disposed.</summary>
    internal IncrementalHash CreateJournalMac()
    {
        Enter();
        try
        {
            return IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _macKeys.Reveal()[s_journalKey]);
        }
        finally
        {
            Leave();
        }
    }

    internal void MacDescription(ReadOnlySpan<byte> description, Span<byte> mac) => Mac(s_descriptionKey, description, mac);

    internal void MacAnchor(ReadOnlySpan<byte> anchor, Span<byte> mac) => Mac(s_anchorKey, anchor, mac);

    /// <summary>Begins a MAC over a backup. The key then lies in the platform's memory until what this gives is disposed.</summary>
    internal IncrementalHash CreateBackupMac()
    {
        Span<byte> salt = stackalloc byte[16];
        StoreId.TryWriteBytes(salt, bigEndian: true, out _);
        Span<byte> key = stackalloc byte[Size];
        Enter();
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _storeKey.Reveal(), key, salt, "RONK/v1/backup"u8);
            return IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            Leave();
        }
    }

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
        _macKeys.Dispose();
    }

    private void Derive(ReadOnlySpan<byte> info, Range key)
    {
        Span<byte> salt = stackalloc byte[16];
        StoreId.TryWriteBytes(salt, bigEndian: true, out _);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _storeKey.Reveal(), _macKeys.Reveal()[key], salt, info);
    }

    private void Mac(Range key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Enter();
        try
        {
            int written = HMACSHA256.HashData(_macKeys.Reveal()[key], data, mac);
            System.Diagnostics.Debug.Assert(written == mac.Length, "a MAC has 32 bytes");
        }
        finally
        {
            Leave();
        }
    }
}
