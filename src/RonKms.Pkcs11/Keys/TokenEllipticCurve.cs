using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Keys;

/// <summary>What the curves have in common: CKA_EC_PARAMS names the curve, CKA_EC_POINT is the public key, raw or in an OCTET STRING.</summary>
internal abstract class TokenEllipticCurve : TokenKeyPairAlgorithm
{
    private const byte OctetString = 0x04;

    /// <summary>The forms in which modules take the curve's name, the standard's first.</summary>
    private protected abstract byte[][] CurveNames { get; }

    private protected abstract uint KeyType { get; }

    private protected abstract uint GenerationMechanism { get; }

    private protected override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, TokenForm form)
    {
        CK_MECHANISM mechanism = new() { mechanism = new CULong(GenerationMechanism) };
        for (int i = 0; ; i++)
        {
            using AttributeTemplate publicTemplate = Public(id, form).Add(CK.CKA_EC_PARAMS, CurveNames[i]);
            using AttributeTemplate privateTemplate = Private(id, form);
            try
            {
                functions.C_GenerateKeyPair(session, mechanism, publicTemplate, privateTemplate);
                return;
            }
            catch (CryptokiException e) when (i + 1 < CurveNames.Length && IsOfCurveName(e.Code))
            {
                // Another form of the name.
            }
        }
    }

    private protected override void ImportPrivate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, TokenForm form)
    {
        for (int i = 0; ; i++)
        {
            using AttributeTemplate template = Private(id, form)
                .AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).AddNumber(CK.CKA_KEY_TYPE, KeyType).Add(CK.CKA_EC_PARAMS, CurveNames[i]).Add(CK.CKA_VALUE, secret);
            try
            {
                functions.C_CreateObject(session, template);
                return;
            }
            catch (CryptokiException e) when (i + 1 < CurveNames.Length && IsOfCurveName(e.Code))
            {
                // Another form of the name.
            }
        }
    }

    private protected override void ImportPublic(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> publicKey, TokenForm form)
    {
        byte[][] points = [[OctetString, (byte)publicKey.Length, .. publicKey], publicKey.ToArray()];
        (byte[] Name, byte[] Point)[] forms = [.. CurveNames.SelectMany(name => points, (name, point) => (name, point))];
        for (int i = 0; ; i++)
        {
            using AttributeTemplate template = Public(id, form)
                .AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).AddNumber(CK.CKA_KEY_TYPE, KeyType).Add(CK.CKA_EC_PARAMS, forms[i].Name).Add(CK.CKA_EC_POINT, forms[i].Point);
            try
            {
                functions.C_CreateObject(session, template);
                return;
            }
            catch (CryptokiException e) when (i + 1 < forms.Length && (IsOfCurveName(e.Code) || e.Code == CKR.CKR_TEMPLATE_INCONSISTENT))
            {
                // Another form of the name, or of the point.
            }
        }
    }

    internal override byte[]? ReadPublicKey(Cryptoki functions, CULong session, ReadOnlySpan<byte> id)
    {
        byte[]? point = Read(functions, session, CK.CKO_PUBLIC_KEY, id, CK.CKA_EC_POINT);
        int size = Id.PublicKeySize;
        return point?.Length == size ? point
            : point?.Length == size + 2 && point[0] == OctetString && point[1] == size ? point[2..]
            : null;
    }

    private static bool IsOfCurveName(CKR code) => code
        is CKR.CKR_CURVE_NOT_SUPPORTED or CKR.CKR_DOMAIN_PARAMS_INVALID or CKR.CKR_ATTRIBUTE_VALUE_INVALID or CKR.CKR_GENERAL_ERROR;
}
