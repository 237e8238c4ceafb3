using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>An ML-KEM key in a token: an object to name in C_DecapsulateKey. The shared secret is read from the token and destroyed there.</summary>
internal sealed class TokenMLKemKey(KemAlgorithm algorithm, TokenConnection token, TokenObject key) : DecapsulationKey(algorithm)
{
    /// <inheritdoc/>
    protected override bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        bool isWhole = false;
        try
        {
            int read = token.Do(new Work(key, ciphertext, sharedSecret), static (functions, session, work) =>
                Decapsulate(functions, session, work.Key.HandleIn(functions, session), work.Ciphertext, work.SharedSecret));
            isWhole = read == sharedSecret.Length;
            return isWhole
                ? true
                : throw new KmsException(
                    KmsError.TokenUnavailable, $"{token} gave a shared secret of {read} bytes where {Algorithm.Id} has {sharedSecret.Length}. Ask its maker.");
        }
        finally
        {
            if (!isWhole)
            {
                CryptographicOperations.ZeroMemory(sharedSecret);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
    }

    /// <summary>Decapsulates, in a session.</summary>
    /// <returns>The size of the shared secret.</returns>
    internal static int Decapsulate(Cryptoki functions, CULong session, CULong key, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        // Gone with the session at the latest, which is closed where anything goes wrong; readable, as it is for this process.
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY)
            .AddNumber(CK.CKA_KEY_TYPE, CK.CKK_GENERIC_SECRET)
            .Add(CK.CKA_TOKEN, false)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_SENSITIVE, false)
            .Add(CK.CKA_EXTRACTABLE, true)
            .AddNumber(CK.CKA_VALUE_LEN, (uint)sharedSecret.Length);
        CULong secret = functions.C_DecapsulateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_ML_KEM) }, key, template, ciphertext);
        int read = functions.C_GetAttributeValue(session, secret, CK.CKA_VALUE, sharedSecret);
        functions.C_DestroyObject(session, secret);
        return read;
    }

    private readonly ref struct Work(TokenObject key, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        internal TokenObject Key { get; } = key;

        internal ReadOnlySpan<byte> Ciphertext { get; } = ciphertext;

        internal Span<byte> SharedSecret { get; } = sharedSecret;
    }
}
