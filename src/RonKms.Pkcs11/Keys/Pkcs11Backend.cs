using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Keys;

/// <summary>Keys that act inside a token, where it has the mechanisms; the others in this process, sealed in their records.</summary>
internal sealed class Pkcs11Backend : KeyBackend
{
    private readonly TokenConnection _token;
    private readonly Lazy<AlgorithmCatalog> _catalog;
    private readonly Lazy<SoftwareBackend> _software;
    private readonly bool _allowImport;
    private readonly Dictionary<KeyAlgorithm, TokenAlgorithm> _offered;
    private readonly ConcurrentQueue<byte[]> _left = [];
    private int _isDisposed;

    /// <summary>Creates a backend over a connection, one use of which it takes over.</summary>
    internal Pkcs11Backend(TokenConnection token, Func<AlgorithmCatalog> catalog, bool allowImport)
    {
        _token = token;
        _catalog = new Lazy<AlgorithmCatalog>(catalog);
        _software = new Lazy<SoftwareBackend>(() => new SoftwareBackend(_catalog.Value));
        _allowImport = allowImport;
        try
        {
            _offered = TokenAlgorithm.All.Where(algorithm => algorithm.IsOfferedBy(token)).ToDictionary(algorithm => algorithm.Id);
        }
        catch
        {
            token.Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name => "pkcs11";

    /// <inheritdoc/>
    public override bool KeepsHandles => true;

    /// <inheritdoc/>
    public override bool Supports(KeyAlgorithm algorithm) => _software.Value.Supports(algorithm);

    /// <inheritdoc/>
    public override GeneratedKey Generate(KeyAlgorithm algorithm)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Algorithm implementation = _catalog.Value.Find(algorithm);
        return _offered.TryGetValue(algorithm, out TokenAlgorithm? inToken)
            ? Keep(inToken, implementation, isImported: false, (functions, session, id) => inToken.Generate(functions, session, id))
            : _software.Value.Generate(algorithm);
    }

    /// <inheritdoc/>
    public override GeneratedKey? Import(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Algorithm implementation = _catalog.Value.Find(algorithm);
        if (!_allowImport)
        {
            throw new KmsException(
                KmsError.ImportRefused,
                $"Keys are not imported where they are to be in a token: a key that was elsewhere before is not one that never left it. Nothing was changed. For a migration, call {nameof(Pkcs11OptionsExtensions.UsePkcs11)} with allowImport.");
        }

        // Checked here first: a token takes what it is given.
        GeneratedKey? checkedKey = _software.Value.Import(algorithm, secret);
        if (checkedKey is null || !_offered.TryGetValue(algorithm, out TokenAlgorithm? inToken))
        {
            return checkedKey;
        }

        using (checkedKey)
        {
            return Keep(
                inToken,
                implementation,
                isImported: true,
                (functions, session, id) => inToken.Import(functions, session, id, checkedKey.Secret.Reveal(), checkedKey.PublicKey.Span));
        }
    }

    /// <inheritdoc/>
    public override OpenedKey? Open(in RecordBody body, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(body.Id);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        Algorithm implementation = _catalog.Value.Find(body.Id.Algorithm);
        if (body.Kind == RecordKind.Secret)
        {
            return _software.Value.Open(body, publicKey);
        }

        KeyAlgorithm wanted = body.Id.Algorithm;
        TokenAlgorithm? inToken = Array.Find(TokenAlgorithm.All, algorithm => algorithm.Id == wanted);
        if (inToken is null || !TokenHandle.TryParse(body.Secret, out TokenHandle? handle))
        {
            return null;
        }

        RequireOwn(handle, body.Id);
        return Open(inToken, implementation, handle, publicKey);
    }

    /// <inheritdoc/>
    public override void EraseKey(in RecordBody body)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (body.Kind == RecordKind.Secret)
        {
            return;
        }

        if (!TokenHandle.TryParse(body.Secret, out TokenHandle? handle))
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The handle of {body.Id} is in a form that this version does not know. Nothing was changed. Use a newer version of RonKms.Pkcs11.");
        }

        RequireOwn(handle, body.Id);
        _token.Do(handle.Id, static (functions, session, id) => DestroyAll(functions, session, id));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Attest(in RecordBody body)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (!TokenHandle.TryParse(body.Secret, out TokenHandle? handle))
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The handle of {body.Id} is in a form that this version does not know. Use a newer version of RonKms.Pkcs11.");
        }

        RequireOwn(handle, body.Id);
        KeyAlgorithm wanted = body.Id.Algorithm;
        TokenAlgorithm inToken = Array.Find(TokenAlgorithm.All, algorithm => algorithm.Id == wanted) ?? throw new KmsException(KmsError.AlgUnavailable, $"{body.Id} is of an algorithm that this version does not keep in tokens.");
        TokenObject key = new(_token, inToken.SecretClass, handle.Id);
        KeyValuePair<string, string>[] facts = _token.Do(key, static (functions, session, target) =>
        {
            CULong secret = target.HandleIn(functions, session);
            return TokenKeyAttributes.Read(functions, session, secret);
        });
        return
        [
            .. facts,
            new("id", Convert.ToHexStringLower(handle.Id)),
            new("manufacturer", _token.Identity.Manufacturer),
            new("model", _token.Identity.Model),
            new("serial", _token.Identity.Serial),
            new("token", _token.Identity.Label),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            EraseLeft();
            _token.Close();
        }

        base.Dispose(disposing);
    }

    /// <summary>Destroys every object of a CKA_ID, the secret ones first; also what somebody else put there.</summary>
    internal static bool DestroyAll(Cryptoki functions, CULong session, byte[] id)
    {
        foreach (uint objectClass in new[] { CK.CKO_PRIVATE_KEY, CK.CKO_SECRET_KEY, CK.CKO_PUBLIC_KEY })
        {
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, objectClass).Add(CK.CKA_ID, id);
            CULong[] found;
            do
            {
                found = TokenObject.Find(functions, session, template);
                Array.ForEach(found, one => functions.C_DestroyObject(session, one));
            }
            while (found.Length == TokenObject.MostFound);
        }

        return true;
    }

    /// <summary>Makes a key in the token, and sees that it is what was asked for; otherwise nothing of it stays there.</summary>
    private GeneratedKey Keep(TokenAlgorithm inToken, Algorithm implementation, bool isImported, Action<Cryptoki, CULong, byte[]> make)
    {
        EraseLeft();
        byte[] id = new byte[TokenHandle.IdSize];
        Entropy.Fill(id);
        bool isBegun = false;
        try
        {
            byte[]? publicKey = _token.Do(0, (functions, session, _) =>
            {
                if (isBegun)
                {
                    // The session was lost the first time, perhaps with the key made.
                    DestroyAll(functions, session, id);
                }

                isBegun = true;
                make(functions, session, id);
                TokenKeyAttributes.Require(functions, session, TokenObject.Find(functions, session, inToken.SecretClass, id), isImported);
                return inToken.ReadPublicKey(functions, session, id);
            });
            TokenHandle handle = new(_token.Identity.Serial, _token.Identity.Label, id);

            // A private and a public half that do not belong together would only show when others verify.
            RequireWorking(inToken, implementation, handle, publicKey);
            return new GeneratedKey(RecordKind.Handle, handle.Encode(), publicKey);
        }
        catch when (isBegun)
        {
            _left.Enqueue(id);
            EraseLeft();
            throw;
        }
    }

    /// <summary>Destroys what was made and is not used. Where the token does not answer just then, that is done before the next key is made, or at the end.</summary>
    private void EraseLeft()
    {
        while (_left.TryPeek(out byte[]? id))
        {
            try
            {
                _token.Do(id, static (functions, session, made) => DestroyAll(functions, session, made));
            }
            catch (KmsException)
            {
                // What went wrong before is what the caller has to hear.
                return;
            }

            _left.TryDequeue(out _);
        }
    }

    private void RequireWorking(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, byte[]? publicKey)
    {
        Span<byte> probe = stackalloc byte[32];
        Entropy.Fill(probe);
        using OpenedKey? opened = publicKey is null ? null : Open(inToken, implementation, handle, publicKey);
        bool works = opened switch
        {
            SigningKey signing => Verifies(signing, publicKey!, probe),
            AeadKey => true,
            _ => false,
        };
        if (!works)
        {
            throw new KmsException(
                KmsError.AlgUnavailable, $"{_token} made a {inToken.Id} key whose signatures do not verify under its public key. The key was destroyed. Ask the token's maker, or use another algorithm.");
        }
    }

    private static bool Verifies(SigningKey signing, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> probe)
    {
        byte[] signature = new byte[signing.Algorithm.MaxSignatureSize];
        byte[] message = [.. "RonKms/pkcs11/probe/v1\0"u8, .. probe];
        int size = signing.Sign(message, signature);
        return signing.Algorithm.Verify(publicKey, message, signature.AsSpan(0, size));
    }

    private OpenedKey? Open(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, ReadOnlySpan<byte> publicKey)
    {
        // The secret object first: where that is missing it is the token that is at fault, and not the record.
        TokenObject key = new(_token, inToken.SecretClass, handle.Id);
        byte[]? inTheToken = _token.Do((key, inToken, handle), static (functions, session, work) =>
        {
            _ = work.key.HandleIn(functions, session);
            return work.inToken.ReadPublicKey(functions, session, work.handle.Id);
        });
        return inTheToken is not null && publicKey.SequenceEqual(inTheToken) ? inToken.Open(_token, key, implementation, publicKey) : null;
    }

    private void RequireOwn(TokenHandle handle, KeyId key)
    {
        if (!handle.IsIn(_token.Identity))
        {
            throw new KmsException(
                KmsError.AlgUnavailable,
                $"{key} is in the token '{handle.Label}' (serial {handle.Serial}), and the keystore was opened with {_token}. Nothing was changed. Open it with that token.");
        }
    }
}
