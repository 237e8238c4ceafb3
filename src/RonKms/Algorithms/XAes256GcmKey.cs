using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>An opened XAES-256-GCM key: AES objects that hold the key, and the CMAC subkey K1 in guarded memory.</summary>
/// <remarks>The AES objects keep their copy of the key in unmanaged memory of the platform, which it wipes on disposal.</remarks>
internal sealed class XAes256GcmKey : AeadKey
{
    private const int KeySize = 32;
    private const int BlockSize = 16;
    private const int DerivedKeySize = 32;
    private const int DerivationNonceSize = 12;

    // The key ‖ K1.
    private readonly SecretBytes _secrets = SecretBytes.Allocate(KeySize + BlockSize);
    private readonly HandlePool<Aes> _ciphers;

    internal XAes256GcmKey(XAes256GcmAlgorithm algorithm, ReadOnlySpan<byte> key)
        : base(algorithm)
    {
        _ciphers = new HandlePool<Aes>(MakeCipher);
        try
        {
            if (key.Length != KeySize)
            {
                throw new ArgumentException($"A key has {KeySize} bytes.", nameof(key));
            }

            key.CopyTo(_secrets.Reveal());
            ComputeK1();
        }
        catch
        {
            Wipe();
            throw;
        }
    }

    private Span<byte> K1 => _secrets.Reveal()[KeySize..];

    /// <inheritdoc/>
    protected override void EncryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        using AesGcm gcm = Derive(nonce);
        gcm.Encrypt(nonce[DerivationNonceSize..], plaintext, ciphertext, tag, associatedData);
    }

    /// <inheritdoc/>
    protected override bool TryDecryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        using AesGcm gcm = Derive(nonce);
        try
        {
            gcm.Decrypt(nonce[DerivationNonceSize..], ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _ciphers.Dispose();
        _secrets.Dispose();
    }

    // Kₓ = AES(M1 ⊕ K1) ‖ AES(M2 ⊕ K1), where Mi = 0x00 ‖ i ‖ "X" ‖ 0x00 ‖ the first half of the nonce.
    private AesGcm Derive(ReadOnlySpan<byte> nonce)
    {
        Span<byte> blocks = stackalloc byte[2 * BlockSize];
        Span<byte> derivedKey = stackalloc byte[DerivedKeySize];
        ReadOnlySpan<byte> k1 = K1;
        for (int i = 0; i < 2; i++)
        {
            Span<byte> block = blocks.Slice(i * BlockSize, BlockSize);
            block.Clear();
            block[1] = (byte)(i + 1);
            block[2] = (byte)'X';
            nonce[..DerivationNonceSize].CopyTo(block[4..]);
            for (int j = 0; j < BlockSize; j++)
            {
                block[j] ^= k1[j];
            }
        }

        Aes cipher = _ciphers.Rent();
        try
        {
            cipher.EncryptEcb(blocks, derivedKey, PaddingMode.None);
            return new AesGcm(derivedKey, AeadAlgorithm.TagSize);
        }
        finally
        {
            _ciphers.Return(cipher);
            CryptographicOperations.ZeroMemory(blocks);
            CryptographicOperations.ZeroMemory(derivedKey);
        }
    }

    // CMAC's subkey (NIST SP 800-38B, section 6.1): L = AES(0), doubled in GF(2^128).
    private void ComputeK1()
    {
        Span<byte> k1 = K1;
        Aes cipher = _ciphers.Rent();
        try
        {
            cipher.EncryptEcb(k1, k1, PaddingMode.None);
        }
        finally
        {
            _ciphers.Return(cipher);
        }

        int carry = k1[0] >> 7;
        for (int i = 0; i < BlockSize - 1; i++)
        {
            k1[i] = (byte)((k1[i] << 1) | (k1[i + 1] >> 7));
        }

        k1[BlockSize - 1] = (byte)((k1[BlockSize - 1] << 1) ^ (0x87 & -carry));
    }

    private Aes MakeCipher()
    {
        Aes cipher = Aes.Create();
        cipher.SetKey(_secrets.Reveal()[..KeySize]);
        return cipher;
    }
}
