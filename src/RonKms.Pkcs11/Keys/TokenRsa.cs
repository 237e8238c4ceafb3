using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>RSA signatures in a token, e = 65537. The digest is made here where the token signs digests, and there otherwise.</summary>
/// <remarks>Source: PKCS#11 3.1, section 6.1.</remarks>
internal sealed class TokenRsa(KeyAlgorithm id) : TokenKeyPairAlgorithm
{
    private const int MaxSecretSize = 4096;

    private readonly RsaPublicKey _public = new(ModulusBits(id) / 8);

    internal override KeyAlgorithm Id => id;

    internal override bool IsOfferedBy(TokenConnection token) =>
        Has(token, CK.CKM_RSA_PKCS_KEY_PAIR_GEN, CK.CKF_GENERATE_KEY_PAIR, Bits)
        && (Has(token, CK.CKM_RSA_PKCS_PSS, CK.CKF_SIGN, Bits) || Has(token, CK.CKM_SHA256_RSA_PKCS_PSS, CK.CKF_SIGN, Bits))
        && (Has(token, CK.CKM_RSA_PKCS, CK.CKF_SIGN, Bits) || Has(token, CK.CKM_SHA256_RSA_PKCS, CK.CKF_SIGN, Bits));

    private uint Bits => (uint)ModulusBits(id);

    private protected override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, TokenForm form)
    {
        using AttributeTemplate publicTemplate = Public(id, form).AddNumber(CK.CKA_MODULUS_BITS, Bits).Add(CK.CKA_PUBLIC_EXPONENT, RsaPublicKey.Exponent);
        using AttributeTemplate privateTemplate = Private(id, form);
        functions.C_GenerateKeyPair(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_RSA_PKCS_KEY_PAIR_GEN) }, publicTemplate, privateTemplate);
    }

    private protected override void ImportPrivate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, TokenForm form)
    {
        if (!Pkcs8.TryRead(secret, RsaPublicKey.AlgorithmIdentifier, out ReadOnlySpan<byte> pkcs1, out _))
        {
            throw new KmsException(KmsError.Internal, "An RSA key that was checked cannot be read. Please report it.");
        }

        using AttributeTemplate privateTemplate = Private(id, form, MaxSecretSize)
            .AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_RSA);
        DerReader outer = new(pkcs1);
        DerReader key = outer.ReadSequence();
        _ = key.TryReadInt32(out _);
        foreach (uint attribute in new[]
        {
            CK.CKA_MODULUS, CK.CKA_PUBLIC_EXPONENT, CK.CKA_PRIVATE_EXPONENT, CK.CKA_PRIME_1, CK.CKA_PRIME_2, CK.CKA_EXPONENT_1, CK.CKA_EXPONENT_2, CK.CKA_COEFFICIENT,
        })
        {
            privateTemplate.Add(attribute, key.ReadUnsignedInteger());
        }

        functions.C_CreateObject(session, privateTemplate);
    }

    private protected override void ImportPublic(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> publicKey, TokenForm form)
    {
        using AttributeTemplate template = Public(id, form)
            .AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY)
            .AddNumber(CK.CKA_KEY_TYPE, CK.CKK_RSA)
            .Add(CK.CKA_MODULUS, _public.Modulus(publicKey))
            .Add(CK.CKA_PUBLIC_EXPONENT, RsaPublicKey.Exponent);
        functions.C_CreateObject(session, template);
    }

    internal override byte[]? ReadPublicKey(Cryptoki functions, CULong session, ReadOnlySpan<byte> id)
    {
        // Both are attributes of the private object, so that there is no other half to try it with.
        ReadOnlySpan<byte> modulus = Read(functions, session, CK.CKO_PRIVATE_KEY, id, CK.CKA_MODULUS).AsSpan().TrimStart((byte)0);
        ReadOnlySpan<byte> exponent = Read(functions, session, CK.CKO_PRIVATE_KEY, id, CK.CKA_PUBLIC_EXPONENT).AsSpan().TrimStart((byte)0);
        if (!_public.IsModulus(modulus) || !exponent.SequenceEqual(RsaPublicKey.Exponent))
        {
            return null;
        }

        byte[] encoded = new byte[_public.Size];
        _public.Encode(modulus, encoded);
        return encoded;
    }

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) => new TokenRsaKey(
        (SignatureAlgorithm)implementation,
        token,
        key,
        publicKey.ToArray(),
        hashesForPss: !Has(token, CK.CKM_RSA_PKCS_PSS, CK.CKF_SIGN),
        hashesForPkcs1: !Has(token, CK.CKM_RSA_PKCS, CK.CKF_SIGN));

    private static int ModulusBits(KeyAlgorithm id) => id == KeyAlgorithm.Rsa2048 ? 2048 : id == KeyAlgorithm.Rsa3072 ? 3072 : 4096;
}
