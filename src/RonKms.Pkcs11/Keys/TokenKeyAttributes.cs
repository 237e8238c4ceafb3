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
    internal static void Require(Cryptoki functions, CULong session, ReadOnlySpan<CULong> found, bool isImported)
    {
        if (found.Length != 1)
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The token made a key, and then shows {found.Length} of its CKA_ID. Ask its maker.");
        }

        foreach ((uint attribute, string name, bool value) in isImported ? s_always : [.. s_always, .. s_whenGenerated])
        {
            if (TokenObject.Is(functions, session, found[0], attribute) != value)
            {
                throw new KmsException(
                    KmsError.AlgUnavailable,
                    $"The token made a key whose {name} is not {(value ? "true" : "false")}, as was asked. The key was destroyed. Ask the token's maker for a mode in which keys cannot leave it.");
            }
        }
    }

    /// <summary>What the token says of how a key came into it and whether it can leave: 1 or 0 by name.</summary>
    internal static KeyValuePair<string, string>[] Read(Cryptoki functions, CULong session, CULong key)
    {
        return
        [
            Fact("always_sensitive", CK.CKA_ALWAYS_SENSITIVE),
            Fact("extractable", CK.CKA_EXTRACTABLE),
            Fact("local", CK.CKA_LOCAL),
            Fact("never_extractable", CK.CKA_NEVER_EXTRACTABLE),
            Fact("sensitive", CK.CKA_SENSITIVE),
        ];

        KeyValuePair<string, string> Fact(string name, uint attribute) => new(name, TokenObject.Is(functions, session, key, attribute) ? "1" : "0");
    }
}
