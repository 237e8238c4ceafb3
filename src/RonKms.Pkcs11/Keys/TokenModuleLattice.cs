using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>What ML-DSA and ML-KEM have in common: CKA_PARAMETER_SET names the parameter set, CKA_VALUE is the public key, CKA_SEED the secret.</summary>
/// <remarks>Source: PKCS#11 3.2, ML-DSA and ML-KEM.</remarks>
internal abstract class TokenModuleLattice(uint parameterSet) : TokenKeyPairAlgorithm
{
    private protected abstract uint KeyType { get; }

    private protected abstract uint GenerationMechanism { get; }

    private protected override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, TokenForm form)
    {
        using AttributeTemplate publicTemplate = Public(id, form).AddNumber(CK.CKA_PARAMETER_SET, parameterSet);
        using AttributeTemplate privateTemplate = Private(id, form);
        functions.C_GenerateKeyPair(session, new CK_MECHANISM { mechanism = new CULong(GenerationMechanism) }, publicTemplate, privateTemplate);
    }

    private protected override void ImportPrivate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, TokenForm form)
    {
        using AttributeTemplate template = Private(id, form)
            .AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).AddNumber(CK.CKA_KEY_TYPE, KeyType).AddNumber(CK.CKA_PARAMETER_SET, parameterSet).Add(CK.CKA_SEED, secret);
        functions.C_CreateObject(session, template);
    }

    private protected override void ImportPublic(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> publicKey, TokenForm form)
    {
        using AttributeTemplate template = Public(id, form)
            .AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).AddNumber(CK.CKA_KEY_TYPE, KeyType).AddNumber(CK.CKA_PARAMETER_SET, parameterSet).Add(CK.CKA_VALUE, publicKey);
        functions.C_CreateObject(session, template);
    }

    internal override byte[]? ReadPublicKey(Cryptoki functions, CULong session, ReadOnlySpan<byte> id) =>
        Read(functions, session, CK.CKO_PUBLIC_KEY, id, CK.CKA_VALUE) is { } value && value.Length == Id.PublicKeySize ? value : null;

    /// <summary>Whether a token makes keys of the parameter set and has a mechanism that uses them. Both give their range as sizes of public keys in bytes.</summary>
    private protected bool Has(TokenConnection token, uint mechanism, uint functions)
    {
        // The mechanism makes pairs; NSS 3.131 reports it as one that makes keys.
        uint size = (uint)Id.PublicKeySize;
        return (Has(token, GenerationMechanism, CK.CKF_GENERATE_KEY_PAIR, size) || Has(token, GenerationMechanism, CK.CKF_GENERATE, size))
            && Has(token, mechanism, functions, size);
    }
}
