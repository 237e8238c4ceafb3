using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>How keys of an algorithm are made and used in a token. One leaf a family.</summary>
internal abstract class TokenAlgorithm
{
    /// <summary>What a token can hold. Everything else stays a software key.</summary>
    internal static TokenAlgorithm[] All { get; } =
    [
        new TokenEd25519(), new TokenP256(), new TokenRsa(KeyAlgorithm.Rsa2048), new TokenRsa(KeyAlgorithm.Rsa3072), new TokenRsa(KeyAlgorithm.Rsa4096),
        new TokenAes256(),
        new TokenMLDsa(KeyAlgorithm.MLDsa44, CK.CKP_ML_DSA_44), new TokenMLDsa(KeyAlgorithm.MLDsa65, CK.CKP_ML_DSA_65), new TokenMLDsa(KeyAlgorithm.MLDsa87, CK.CKP_ML_DSA_87),
        new TokenMLKem(KeyAlgorithm.MLKem512, CK.CKP_ML_KEM_512), new TokenMLKem(KeyAlgorithm.MLKem768, CK.CKP_ML_KEM_768),
        new TokenMLKem(KeyAlgorithm.MLKem1024, CK.CKP_ML_KEM_1024),
    ];

    /// <summary>The algorithm.</summary>
    internal abstract KeyAlgorithm Id { get; }

    /// <summary>The class of the object that holds the secret.</summary>
    internal abstract uint SecretClass { get; }

    /// <summary>The CKA_LABEL of all its keys.</summary>
    internal byte[] Label => System.Text.Encoding.ASCII.GetBytes("RonKms " + Id.Name);

    /// <summary>Whether a token has all the mechanisms that it takes.</summary>
    internal abstract bool IsOfferedBy(TokenConnection token);

    /// <summary>Makes a key under a CKA_ID.</summary>
    internal abstract void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id);

    /// <summary>Puts a key into the token under a CKA_ID.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="id">The CKA_ID.</param>
    /// <param name="secret">The secret, checked.</param>
    /// <param name="publicKey">Its public key.</param>
    internal abstract void Import(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey);

    /// <summary>Reads the public key of a key in the token.</summary>
    /// <returns>The raw public key as docs/formats/ronk-v1.md, section 5 has it; empty for symmetric keys; <see langword="null"/> where what the
    /// token says is none.</returns>
    internal abstract byte[]? ReadPublicKey(Cryptoki functions, CULong session, ReadOnlySpan<byte> id);

    /// <summary>Computes by what a key that has no public half is known again, the secret object given; empty for the others.</summary>
    internal virtual byte[] ComputeCheck(Cryptoki functions, CULong session, CULong key) => [];

    /// <summary>Tries whether a secret object does what only the secret of a public key can; true where what was compared says so already.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="key">The secret object.</param>
    /// <param name="implementation">The algorithm here.</param>
    /// <param name="publicKey">The public key.</param>
    internal virtual bool Works(Cryptoki functions, CULong session, CULong key, Algorithm implementation, ReadOnlySpan<byte> publicKey) => true;

    /// <summary>What an object is not that it must be; <see langword="null"/> where it is kept as it must be.</summary>
    internal virtual string? Fault(Cryptoki functions, CULong session, CULong key) => TokenKeyAttributes.Fault(functions, session, key, KeyOrigin.Imported);

    /// <summary>Makes a key ready for use.</summary>
    internal abstract OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey);

    /// <summary>Whether a token has a mechanism with all the functions given.</summary>
    private protected static bool Has(TokenConnection token, uint mechanism, uint functions, uint keySize = 0) =>
        token.FindMechanism(mechanism) is { } info
        && ((uint)info.flags.Value & functions) == functions
        && (keySize == 0 || (info.ulMinKeySize.Value <= keySize && info.ulMaxKeySize.Value >= keySize));

    /// <summary>What every key that stays in the token has.</summary>
    private protected AttributeTemplate Kept(ReadOnlySpan<byte> id, TokenForm form, int size = 512)
    {
        AttributeTemplate template = new(size);
        if (form.HasFlag(TokenForm.Narrow))
        {
            template.Add(CK.CKA_MODIFIABLE, false).Add(CK.CKA_COPYABLE, false);
        }

        return template.Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_SENSITIVE, true)
            .Add(CK.CKA_EXTRACTABLE, false)
            .Add(CK.CKA_ID, id)
            .Add(CK.CKA_LABEL, Label);
    }
}
