using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Benchmarks.Hsm;

/// <summary>Signing with a key in a token through the keystore, and by the module alone: C_SignInit and C_Sign with the same key, in a session of its own.</summary>
/// <remarks>For the module alone messages are hashed beforehand where the token signs digests: hashing counts against the keystore.</remarks>
internal sealed class TokenPair : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly SoftToken _token;
    private readonly uint _mechanism;
    private readonly CULong _session;
    private readonly CULong _object;
    private readonly SessionMark _mark;
    private readonly byte[] _message = RandomNumberGenerator.GetBytes(128);
    private readonly byte[] _signed;
    private readonly byte[] _signature;

    /// <summary>Makes a key in the token.</summary>
    internal TokenPair(SoftToken token, Keystore kms, KeyAlgorithm algorithm)
        : this(token, kms, kms.Create("bench", "signing", algorithm), algorithm)
    {
    }

    private TokenPair(SoftToken token, Keystore kms, KeyId key, KeyAlgorithm algorithm)
    {
        _token = token;
        _kms = kms;
        _key = key;
        _mechanism = algorithm == KeyAlgorithm.Ed25519 ? CK.CKM_EDDSA : algorithm == KeyAlgorithm.P256 ? CK.CKM_ECDSA : CK.CKM_RSA_PKCS_PSS;
        _signed = algorithm == KeyAlgorithm.Ed25519 ? _message : SHA256.HashData(_message);
        _signature = new byte[kms.Sign(key, _message).Length];
        _session = token.Functions.C_OpenSession(token.Slot);
        _object = Find(algorithm);
        _mark = SessionMark.TryPut(token.Functions, _session) ?? throw new InvalidOperationException("The token takes no mark.");
        Algorithm = algorithm;
        if (kms.Get(key).Backend != "pkcs11")
        {
            throw new InvalidOperationException($"The key of {algorithm} is not in the token.");
        }

        // What is compared does the same.
        SignBare(1);
        if (!kms.Verify(key, _message, _signature))
        {
            throw new CryptographicException("What is measured does not work.");
        }
    }

    internal KeyAlgorithm Algorithm { get; }

    /// <summary>Whether the library verifies its signatures before it gives them out.</summary>
    internal bool IsVerified => _mechanism == CK.CKM_RSA_PKCS_PSS;

    /// <summary>The same key with a session and buffers of its own, for another thread.</summary>
    internal TokenPair SameKey() => new(_token, _kms, _key, Algorithm);

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Sign(_key, _message, _signature, out _);
        }
    }

    internal unsafe void SignBare(int count)
    {
        CK_RSA_PKCS_PSS_PARAMS pss = new() { hashAlg = new CULong(CK.CKM_SHA256), mgf = new CULong(CK.CKG_MGF1_SHA256), sLen = new CULong(32) };
        CK_MECHANISM mechanism = new() { mechanism = new CULong(_mechanism) };
        if (_mechanism == CK.CKM_RSA_PKCS_PSS)
        {
            mechanism.pParameter = &pss;
            mechanism.ulParameterLen = new CULong((uint)sizeof(CK_RSA_PKCS_PSS_PARAMS));
        }

        for (int i = 0; i < count; i++)
        {
            _token.Functions.C_SignInit(_session, mechanism, _object);
            _token.Functions.C_Sign(_session, _signed, _signature);
        }
    }

    /// <summary>The same, with the calls by which the library looks whose session it is, before and after.</summary>
    internal void SignBareAndLook(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _token.Functions.C_GetSessionInfo(_session);
            SignBare(1);
            if (!_mark.IsThere(_token.Functions, _session))
            {
                throw new InvalidOperationException("The session's mark is gone.");
            }
        }
    }

    public void Dispose() => _token.Functions.C_CloseSession(_session);

    /// <summary>The algorithm's key: there is one.</summary>
    private CULong Find(KeyAlgorithm algorithm)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).Add(CK.CKA_LABEL, System.Text.Encoding.ASCII.GetBytes($"RonKms {algorithm}"));
        Span<CULong> found = stackalloc CULong[2];
        return _token.Functions.FindObjects(_session, template, found) == 1
            ? found[0]
            : throw new InvalidOperationException($"There is no key of {algorithm} in the token, or there are several.");
    }
}
