using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>What a key in a token must be, and what its token says that it is.</summary>
internal static class TokenKeyAttributes
{
    // Every key has these; the token tells them, and what it was asked for is not what counts.
    private static readonly (uint Attribute, string Name, bool Value)[] s_always =
    [
        (CK.CKA_TOKEN, "CKA_TOKEN", true),
        (CK.CKA_PRIVATE, "CKA_PRIVATE", true),
        (CK.CKA_SENSITIVE, "CKA_SENSITIVE", true),
        (CK.CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false),
    ];

    private static readonly (uint Attribute, string Name, bool Value)[] s_whenGenerated =
    [
        (CK.CKA_LOCAL, "CKA_LOCAL", true),
        (CK.CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE", true),
        (CK.CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE", true),
    ];

    /// <summary>Refuses a key that is not kept as it must be.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/></exception>
    internal static void Require(Cryptoki functions, CULong session, ReadOnlySpan<CULong> found, KeyOrigin origin)
    {
        if (found.Length != 1)
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The token made a key, and then shows {found.Length} of its CKA_ID. Ask its maker.");
        }

        if (Fault(functions, session, found[0], origin) is { } fault)
        {
            throw new KmsException(
                KmsError.AlgUnavailable,
                $"The token made a key whose {fault}, as was asked. The key was destroyed. Ask the token's maker for a mode in which keys cannot leave it; where CKA_LOCAL alone is missing, and you trust the token without it, open it with acceptUnvouched.");
        }
    }

    /// <summary>What a key is not that it must be, as "CKA_… is not …"; <see langword="null"/> where it is kept as it must be.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="key">The key.</param>
    /// <param name="origin">What the token must say of where it is from.</param>
    internal static string? Fault(Cryptoki functions, CULong session, CULong key, KeyOrigin origin)
    {
        foreach ((uint attribute, string name, bool value) in origin == KeyOrigin.Imported ? s_always : [.. s_always, .. s_whenGenerated])
        {
            if (attribute == CK.CKA_LOCAL && origin == KeyOrigin.Unvouched)
            {
                continue;
            }

            // A byte that is neither true nor false is neither of them here.
            Span<byte> told = [0];
            if (attribute == CK.CKA_LOCAL ? !IsLocal(functions, session, key) : functions.C_GetAttributeValue(session, key, attribute, told) != 1 || told[0] != (value ? 1 : 0))
            {
                return $"{name} is not {(value ? "true" : "false")}";
            }
        }

        return null;
    }

    /// <summary>Whether the token says that it made a key itself. One that does not know CKA_LOCAL does not say so.</summary>
    internal static bool IsLocal(Cryptoki functions, CULong session, CULong key)
    {
        try
        {
            return TokenObject.Is(functions, session, key, CK.CKA_LOCAL);
        }
        catch (CryptokiException e) when (e.Code == CKR.CKR_ATTRIBUTE_TYPE_INVALID)
        {
            return false;
        }
    }

    /// <summary>Whether a secret key is AES with 256 bits.</summary>
    internal static bool IsAes256(Cryptoki functions, CULong session, CULong key) =>
        Number(functions, session, key, CK.CKA_KEY_TYPE) == CK.CKK_AES && Number(functions, session, key, CK.CKA_VALUE_LEN) == 32;

    /// <summary>What the token says of how a key came into it and whether it can leave: 1 or 0 by name.</summary>
    internal static KeyValuePair<string, string>[] Read(Cryptoki functions, CULong session, CULong key)
    {
        return
        [
            Fact("always_sensitive", CK.CKA_ALWAYS_SENSITIVE),
            Fact("extractable", CK.CKA_EXTRACTABLE),
            new("local", IsLocal(functions, session, key) ? "1" : "0"),
            Fact("never_extractable", CK.CKA_NEVER_EXTRACTABLE),
            Fact("sensitive", CK.CKA_SENSITIVE),
        ];

        KeyValuePair<string, string> Fact(string name, uint attribute) => new(name, TokenObject.Is(functions, session, key, attribute) ? "1" : "0");
    }

    private static ulong? Number(Cryptoki functions, CULong session, CULong key, uint attribute)
    {
        CULong number = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<CULong>(ref number));
        return functions.C_GetAttributeValue(session, key, attribute, bytes) == bytes.Length ? number.Value : null;
    }
}
