using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>Seals key versions into records and opens them again. Thread-safe.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 1.</remarks>
internal sealed class Sealer
{
    private const int MaxHeaderSize = 4096;
    private volatile StoreKey _storeKey;

    internal Sealer(StoreKey storeKey)
    {
        _storeKey = storeKey;
    }

    private static ReadOnlySpan<byte> AadLabel => "RONK/v1/aad\0"u8;

    /// <summary>Seals and opens with another store key from now on. Nobody may be using this one meanwhile.</summary>
    internal void ChangeTo(StoreKey storeKey) => _storeKey = storeKey;

    /// <summary>Seals a version under a fresh nonce.</summary>
    internal byte[] Seal(in RecordBody body, ReadOnlySpan<byte> publicKey, long createdAtMs, long notAfterMs)
    {
        Span<byte> nonce = stackalloc byte[RonkHeader.NonceSize];
        Entropy.Fill(nonce);
        return Seal(body, publicKey, createdAtMs, notAfterMs, nonce);
    }

    /// <summary>Seals a version under a given nonce: only for known answers, where nonces are fixed.</summary>
    internal byte[] Seal(in RecordBody body, ReadOnlySpan<byte> publicKey, long createdAtMs, long notAfterMs, ReadOnlySpan<byte> nonce)
    {
        RonkHeader header = new()
        {
            Algorithm = body.Id.Algorithm,
            CreatedAtMs = createdAtMs,
            NotAfterMs = notAfterMs,
            Key = body.Id.Uuid,
            PublicKey = publicKey,
            Nonce = nonce,
        };
        int headerSize = header.Size;
        byte[] record = new byte[headerSize + body.Size + RonkCodec.TagSize];
        RonkCodec.Encode(header, record);

        using SecretBytes plaintext = SecretBytes.Allocate(body.Size);
        body.Encode(plaintext.Reveal());
        using AesGcm aead = OpenAead(header);
        Span<byte> aad = stackalloc byte[AadSize(headerSize)];
        WriteAad(record.AsSpan(0, headerSize), aad);
        aead.Encrypt(nonce, plaintext.Reveal(), record.AsSpan(headerSize, body.Size), record.AsSpan(headerSize + body.Size), aad);
        return record;
    }

    /// <summary>Opens a record: checks the tag before a byte of the body is looked at.</summary>
    /// <param name="record">The record's bytes.</param>
    /// <param name="expected">The version that it must be of.</param>
    /// <returns>The body in guarded memory, for <see cref="RecordBody.TryDecode"/>; or <see langword="null"/> where the record is damaged or another's.</returns>
    internal SecretBytes? Open(ReadOnlySpan<byte> record, KeyId expected)
    {
        if (!RonkCodec.TryDecode(record, out RonkHeader header)
            || header.Key != expected.Uuid
            || !ReferenceEquals(header.Algorithm, expected.Algorithm)
            || record.Length < header.Size + RonkCodec.TagSize)
        {
            return null;
        }

        int headerSize = header.Size;
        ReadOnlySpan<byte> ciphertext = record[headerSize..^RonkCodec.TagSize];
        Span<byte> aad = stackalloc byte[AadSize(headerSize)];
        WriteAad(record[..headerSize], aad);
        SecretBytes plaintext = SecretBytes.Allocate(ciphertext.Length);
        try
        {
            using AesGcm aead = OpenAead(header);
            aead.Decrypt(header.Nonce, ciphertext, record[^RonkCodec.TagSize..], plaintext.Reveal(), aad);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            plaintext.Dispose();
            return null;
        }
        catch
        {
            plaintext.Dispose();
            throw;
        }
    }

    private static int AadSize(int headerSize)
    {
        // The largest public key of the format has 2592 bytes, so a header fits the stack with room to spare.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headerSize, MaxHeaderSize);
        return AadLabel.Length + 16 + headerSize;
    }

    private AesGcm OpenAead(in RonkHeader header)
    {
        Span<byte> recordKey = stackalloc byte[32];
        try
        {
            _storeKey.DeriveRecordKey(header.Key, header.Nonce, recordKey);
            return new AesGcm(recordKey, RonkCodec.TagSize);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(recordKey);
        }
    }

    private void WriteAad(ReadOnlySpan<byte> header, Span<byte> aad)
    {
        AadLabel.CopyTo(aad);
        _storeKey.StoreId.TryWriteBytes(aad[AadLabel.Length..], bigEndian: true, out _);
        header.CopyTo(aad[(AadLabel.Length + 16)..]);
    }
}
