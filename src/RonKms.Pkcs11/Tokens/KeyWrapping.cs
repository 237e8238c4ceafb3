using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>AES key wrap with padding (RFC 5649) by a token: 32 bytes in, 40 out.</summary>
/// <remarks>
/// Two mechanisms may be it. CKM_AES_KEY_WRAP_KWP is by definition; CKM_AES_KEY_WRAP_PAD is in some modules and PKCS#7 padding in others. So a
/// mechanism is used only after what it makes of a known key was compared with what the platform makes of it.
/// Source: PKCS#11 3.1, section 6.13.
/// </remarks>
internal static class KeyWrapping
{
    /// <summary>The size of a wrapped store key in bytes.</summary>
    internal const int WrappedSize = KeySize + 8;

    private const int KeySize = 32;

    /// <summary>Finds a mechanism of a token that is the one of RFC 5649; <see langword="null"/> where none is.</summary>
    internal static uint? FindMechanism(TokenConnection token)
    {
        foreach (uint mechanism in new[] { CK.CKM_AES_KEY_WRAP_KWP, CK.CKM_AES_KEY_WRAP_PAD })
        {
            if (token.FindMechanism(mechanism) is { } info
                && ((uint)info.flags.Value & (CK.CKF_WRAP | CK.CKF_UNWRAP)) == (CK.CKF_WRAP | CK.CKF_UNWRAP)
                && IsRfc5649(token, mechanism))
            {
                return mechanism;
            }
        }

        return null;
    }

    /// <summary>Wraps a store's key.</summary>
    internal static byte[] Wrap(Cryptoki functions, CULong session, uint mechanism, CULong kek, ReadOnlySpan<byte> storeKey)
    {
        using AttributeTemplate template = Session(CK.CKK_GENERIC_SECRET).Add(CK.CKA_EXTRACTABLE, true).Add(CK.CKA_VALUE, storeKey);
        CULong key = functions.C_CreateObject(session, template);
        byte[] wrapped = new byte[WrappedSize];
        int written = functions.C_WrapKey(session, new CK_MECHANISM { mechanism = new CULong(mechanism) }, kek, key, wrapped);
        functions.C_DestroyObject(session, key);
        return wrapped[..written];
    }

    /// <summary>Unwraps a store's key into guarded memory.</summary>
    /// <returns>Whether what was wrapped has the size of one.</returns>
    internal static bool Unwrap(Cryptoki functions, CULong session, uint mechanism, CULong kek, ReadOnlySpan<byte> wrapped, Span<byte> storeKey)
    {
        using AttributeTemplate template = Session(CK.CKK_GENERIC_SECRET).Add(CK.CKA_EXTRACTABLE, true);
        CULong key = functions.C_UnwrapKey(session, new CK_MECHANISM { mechanism = new CULong(mechanism) }, kek, wrapped, template);
        bool isOne = functions.C_GetAttributeValue(session, key, CK.CKA_VALUE, storeKey) == storeKey.Length;
        functions.C_DestroyObject(session, key);
        return isOne;
    }

    // Gone with the session at the latest, which is closed where anything goes wrong, and readable: it is wrapped or unwrapped for this process, which has it anyway.
    private static AttributeTemplate Session(uint keyType)
    {
        AttributeTemplate template = new();
        return template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY)
            .AddNumber(CK.CKA_KEY_TYPE, keyType)
            .Add(CK.CKA_TOKEN, false)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_SENSITIVE, false);
    }

    private static bool IsRfc5649(TokenConnection token, uint mechanism)
    {
        try
        {
            return token.Do(mechanism, static (functions, session, tried) => IsRfc5649(functions, session, tried));
        }
        catch (KmsException e) when (TokenFault.IsRefusal(e.InnerException))
        {
            // Some tokens take no secret keys from outside, others let no value be read. The session went with what was made in it.
            return false;
        }
    }

    private static bool IsRfc5649(Cryptoki functions, CULong session, uint mechanism)
    {
        using SecretBytes keys = SecretBytes.Allocate(2 * KeySize);
        Entropy.Fill(keys.Reveal());
        ReadOnlySpan<byte> kek = keys.Reveal()[..KeySize];
        ReadOnlySpan<byte> storeKey = keys.Reveal()[KeySize..];
        using AttributeTemplate template = Session(CK.CKK_AES).Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true).Add(CK.CKA_VALUE, kek);
        CULong trial = functions.C_CreateObject(session, template);
        byte[] wrapped = Wrap(functions, session, mechanism, trial, storeKey);
        using SecretBytes unwrapped = SecretBytes.Allocate(KeySize);
        using Aes aes = Aes.Create();
        aes.SetKey(kek);
        bool isIt = wrapped.AsSpan().SequenceEqual(aes.EncryptKeyWrapPadded(storeKey))
            && Unwrap(functions, session, mechanism, trial, wrapped, unwrapped.Reveal())
            && CryptographicOperations.FixedTimeEquals(unwrapped.Reveal(), storeKey);
        functions.C_DestroyObject(session, trial);
        return isIt;
    }
}
