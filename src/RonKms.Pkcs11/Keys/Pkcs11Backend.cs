using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
    private readonly TokenErasure _erasure;
    private readonly Lazy<AlgorithmCatalog> _catalog;
    private readonly Lazy<SoftwareBackend> _software;
    private readonly bool _allowImport;
    private readonly KeyOrigin _made;
    private readonly ConcurrentDictionary<KeyAlgorithm, TokenAlgorithm?> _offered = [];
    private int _isDisposed;

    /// <summary>Creates a backend over a connection.</summary>
    /// <param name="token">The connection, one use of which it takes over.</param>
    /// <param name="catalog">The algorithms, which compute what is not done in the token.</param>
    /// <param name="allowImport">Whether keys may come from outside.</param>
    /// <param name="made">What the token must say of the keys that it makes.</param>
    internal Pkcs11Backend(TokenConnection token, Func<AlgorithmCatalog> catalog, bool allowImport, KeyOrigin made)
    {
        _token = token;
        _erasure = new TokenErasure(token);
        _made = made;
        _catalog = new Lazy<AlgorithmCatalog>(catalog);
        _software = new Lazy<SoftwareBackend>(() => new SoftwareBackend(_catalog.Value));
        _allowImport = allowImport;
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
        return FindOffered(algorithm) is { } inToken
            ? Keep(inToken, implementation, _made, (functions, session, id) => inToken.Generate(functions, session, id))
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

        TokenAlgorithm? inToken = FindOffered(algorithm);

        // Checked here first: a token takes what it is given.
        GeneratedKey? checkedKey = _software.Value.Import(algorithm, secret);
        if (checkedKey is null || inToken is null)
        {
            return checkedKey;
        }

        using (checkedKey)
        {
            return Keep(
                inToken,
                implementation,
                KeyOrigin.Imported,
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
    public override bool EraseKey(in RecordBody body)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (body.Kind == RecordKind.Secret)
        {
            return true;
        }

        if (!TokenHandle.TryParse(body.Secret, out TokenHandle? handle))
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The handle of {body.Id} is in a form that this version does not know. Nothing was changed. Use a newer version of RonKms.Pkcs11.");
        }

        RequireOwn(handle, body.Id);
        return _erasure.Erase(handle.Id);
    }

    /// <inheritdoc/>
    public override bool TryEraseLostKey(KeyAlgorithm algorithm, ReadOnlySpan<byte> publicKeyDigest)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        TokenAlgorithm? inToken = Array.Find(TokenAlgorithm.All, one => one.Id == algorithm);
        return inToken is null || _erasure.TryEraseLost(inToken, _catalog.Value.Find(algorithm), publicKeyDigest);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Attest(in RecordBody body, ReadOnlySpan<byte> publicKey)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (!TokenHandle.TryParse(body.Secret, out TokenHandle? handle))
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The handle of {body.Id} is in a form that this version does not know. Use a newer version of RonKms.Pkcs11.");
        }

        RequireOwn(handle, body.Id);
        KeyAlgorithm wanted = body.Id.Algorithm;
        TokenAlgorithm inToken = Array.Find(TokenAlgorithm.All, algorithm => algorithm.Id == wanted) ?? throw new KmsException(KmsError.AlgUnavailable, $"{body.Id} is of an algorithm that this version does not keep in tokens.");
        TokenObject key = Object(inToken, _catalog.Value.Find(wanted), handle, publicKey);
        KeyValuePair<string, string>[] facts = _token.Do(key, static (functions, session, looked) =>
            TokenKeyAttributes.Read(functions, session, looked.HandleIn(functions, session)));
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
            _erasure.EraseLeft();
            _token.Close();
        }

        base.Dispose(disposing);
    }

    /// <summary>Finds an algorithm that the token has; it is asked once, and of what is needed alone: some do not know the numbers of newer mechanisms.</summary>
    private TokenAlgorithm? FindOffered(KeyAlgorithm algorithm) =>
        _offered.GetOrAdd(algorithm, wanted => Array.Find(TokenAlgorithm.All, one => one.Id == wanted && one.IsOfferedBy(_token)));

    /// <summary>Makes a key in the token, and sees that it is what was asked for; otherwise nothing of it stays there.</summary>
    private GeneratedKey Keep(TokenAlgorithm inToken, Algorithm implementation, KeyOrigin origin, Action<Cryptoki, CULong, byte[]> make)
    {
        _erasure.EraseLeft();
        byte[] id = new byte[TokenHandle.IdSize];
        Entropy.Fill(id);
        bool isBegun = false;
        try
        {
            (byte[]? publicKey, byte[] check) = _token.Do(0, (functions, session, _) =>
            {
                if (isBegun)
                {
                    // The session was lost the first time, perhaps with the key made.
                    TokenErasure.DestroyAll(functions, session, id);
                }

                isBegun = true;
                make(functions, session, id);
                CULong[] made = TokenObject.Find(functions, session, inToken.SecretClass, id);
                TokenKeyAttributes.Require(functions, session, made, origin);
                return (inToken.ReadPublicKey(functions, session, id), inToken.ComputeCheck(functions, session, made[0]));
            });
            TokenHandle handle = new(_token.Identity.Serial, _token.Identity.Label, id, check);

            // A private and a public half that do not belong together would only show when others verify.
            RequireWorking(inToken, implementation, handle, publicKey);
            return new GeneratedKey(RecordKind.Handle, handle.Encode(), publicKey);
        }
        catch when (isBegun)
        {
            _erasure.Leave(id);
            throw;
        }
    }

    private void RequireWorking(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, byte[]? publicKey)
    {
        Span<byte> probe = stackalloc byte[32];
        Entropy.Fill(probe);
        using OpenedKey? opened = publicKey is null ? null : Open(inToken, implementation, handle, publicKey, isNew: true);
        bool works = opened switch
        {
            SigningKey signing => Verifies(signing, publicKey!, probe),
            DecapsulationKey decapsulation => Decapsulates(decapsulation, publicKey!),
            AeadKey => true,
            _ => false,
        };
        if (!works)
        {
            throw new KmsException(
                KmsError.AlgUnavailable, $"{_token} made a {inToken.Id} key whose private half does not work with its public one. The key was destroyed. Ask the token's maker, or use another algorithm.");
        }
    }

    private static bool Verifies(SigningKey signing, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> probe)
    {
        byte[] signature = new byte[signing.Algorithm.MaxSignatureSize];
        byte[] message = [.. TokenKeyPairAlgorithm.ProbePrefix, .. probe];
        int size = signing.Sign(message, signature);
        return signing.Algorithm.Verify(publicKey, message, signature.AsSpan(0, size));
    }

    private static bool Decapsulates(DecapsulationKey decapsulation, ReadOnlySpan<byte> publicKey)
    {
        KemAlgorithm algorithm = decapsulation.Algorithm;
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        using SecretBytes sent = SecretBytes.Allocate(algorithm.SharedSecretSize);
        using SecretBytes received = SecretBytes.Allocate(algorithm.SharedSecretSize);
        algorithm.Encapsulate(publicKey, ciphertext, sent.Reveal());
        return decapsulation.TryDecapsulate(ciphertext, received.Reveal()) && CryptographicOperations.FixedTimeEquals(sent.Reveal(), received.Reveal());
    }

    private OpenedKey Open(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, ReadOnlySpan<byte> publicKey, bool isNew = false)
    {
        TokenObject key = Object(inToken, implementation, handle, publicKey, isNew);
        _token.Do(key, static (functions, session, opened) => opened.HandleIn(functions, session));
        return inToken.Open(_token, key, implementation, publicKey);
    }

    /// <summary>The object of a key, which is looked at whenever it is looked up.</summary>
    private TokenObject Object(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, ReadOnlySpan<byte> publicKey, bool isNew = false)
    {
        byte[] recorded = publicKey.ToArray();
        return new TokenObject(_token, inToken.SecretClass, handle.Id, (functions, session, found) =>
            RequireSame(functions, session, found, inToken, isNew ? null : implementation, handle, recorded));
    }

    /// <summary>Refuses an object that was put in the place of the one that was made.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="found">The object.</param>
    /// <param name="inToken">Its algorithm in the token.</param>
    /// <param name="implementation">Its algorithm here, by which the private half is tried; <see langword="null"/> where that is done otherwise.</param>
    /// <param name="handle">What the record says of it.</param>
    /// <param name="publicKey">The public key in the record.</param>
    private static void RequireSame(
        Cryptoki functions, CULong session, CULong found, TokenAlgorithm inToken, Algorithm? implementation, TokenHandle handle, byte[] publicKey)
    {
        string? fault = inToken.Fault(functions, session, found);
        if (fault is null && inToken.ReadPublicKey(functions, session, handle.Id)?.AsSpan().SequenceEqual(publicKey) != true)
        {
            fault = "public key is another";
        }

        if (fault is null && handle.Check.Length > 0 && !CryptographicOperations.FixedTimeEquals(inToken.ComputeCheck(functions, session, found), handle.Check))
        {
            fault = "value is another";
        }

        // Only the CKA_ID, which can be given to any key, says that the public object belongs to the private one.
        if (fault is null && implementation is not null && !inToken.Works(functions, session, found, implementation, publicKey))
        {
            fault = "private half does not work with its public one";
        }

        if (fault is not null)
        {
            throw new KmsException(
                KmsError.SealedCorrupt,
                $"The {inToken.Id} key with CKA_ID {Convert.ToHexStringLower(handle.Id)} in the token '{handle.Label}' is not the one that was made there: its {fault}. It was not used. "
                + "Somebody put it in the other one's place. Restore the token's own backup, or rotate the key and destroy this version.");
        }
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
