using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>XAES-256-GCM with the key in a token: the token encrypts the two blocks that give a message's own key, and AES-256-GCM under that runs here.</summary>
/// <remarks>
/// The key itself never leaves the token. A message's key is in this process while the message is: whoever reads the process then reads that
/// message, as he does its plaintext, and nothing else. Source: https://c2sp.org/XAES-256-GCM.
/// </remarks>
internal sealed class TokenXAes256GcmKey : AeadKey
{
    private const int BlockSize = 16;
    private const int DerivationNonceSize = 12;

    private readonly TokenConnection _token;
    private readonly TokenObject _key;
    private readonly SecretBytes _k1;

    internal TokenXAes256GcmKey(AeadAlgorithm algorithm, TokenConnection token, TokenObject key)
        : base(algorithm)
    {
        _token = token;
        _key = key;
        _k1 = SecretBytes.Allocate(BlockSize);
        try
        {
            ComputeK1();
        }
        catch
        {
            Wipe();
            throw;
        }
    }

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
    protected override void Wipe() => _k1.Dispose();

    // Kₓ = AES(M1 ⊕ K1) ‖ AES(M2 ⊕ K1), where Mi = 0x00 ‖ i ‖ "X" ‖ 0x00 ‖ the first half of the nonce.
    private AesGcm Derive(ReadOnlySpan<byte> nonce)
    {
        Span<byte> blocks = stackalloc byte[2 * BlockSize];
        Span<byte> derivedKey = stackalloc byte[2 * BlockSize];
        ReadOnlySpan<byte> k1 = _k1.Reveal();
        for (int i = 0; i < 2; i++)
        {
            Span<byte> block = blocks.Slice(i * BlockSize, BlockSize);
            block[1] = (byte)(i + 1);
            block[2] = (byte)'X';
            nonce[..DerivationNonceSize].CopyTo(block[4..]);
            for (int j = 0; j < BlockSize; j++)
            {
                block[j] ^= k1[j];
            }
        }

        try
        {
            Encrypt(blocks, derivedKey);
            return new AesGcm(derivedKey, AeadAlgorithm.TagSize);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(blocks);
            CryptographicOperations.ZeroMemory(derivedKey);
        }
    }

    // CMAC's subkey (NIST SP 800-38B, section 6.1): L = AES(0), doubled in GF(2^128).
    private void ComputeK1()
    {
        Span<byte> k1 = _k1.Reveal();
        Span<byte> zero = stackalloc byte[BlockSize];
        Encrypt(zero, k1);
        int carry = k1[0] >> 7;
        for (int i = 0; i < BlockSize - 1; i++)
        {
            k1[i] = (byte)((k1[i] << 1) | (k1[i + 1] >> 7));
        }

        k1[BlockSize - 1] = (byte)((k1[BlockSize - 1] << 1) ^ (0x87 & -carry));
    }

    private void Encrypt(ReadOnlySpan<byte> blocks, Span<byte> destination)
    {
        int written = _token.Do(new Blocks(_key, blocks, destination), static (functions, session, work) =>
        {
            functions.C_EncryptInit(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_ECB) }, work.Key.HandleIn(functions, session));
            return functions.C_Encrypt(session, work.Input, work.Output);
        });
        if (written != destination.Length)
        {
            throw new KmsException(KmsError.TokenUnavailable, $"{_token} encrypted {destination.Length} bytes to {written}. Ask its maker.");
        }
    }

    private readonly ref struct Blocks(TokenObject key, ReadOnlySpan<byte> input, Span<byte> output)
    {
        internal TokenObject Key { get; } = key;

        internal ReadOnlySpan<byte> Input { get; } = input;

        internal Span<byte> Output { get; } = output;
    }
}
