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
    private const int MostLookedThrough = 16_384;

    private readonly TokenConnection _token;
    private readonly Lazy<AlgorithmCatalog> _catalog;
    private readonly Lazy<SoftwareBackend> _software;
    private readonly bool _allowImport;
    private readonly KeyOrigin _made;
    private readonly Dictionary<KeyAlgorithm, TokenAlgorithm> _offered;
    private readonly ConcurrentQueue<byte[]> _left = [];
    private int _isDisposed;

    /// <summary>Creates a backend over a connection.</summary>
    /// <param name="token">The connection, one use of which it takes over.</param>
    /// <param name="catalog">The algorithms, which compute what is not done in the token.</param>
    /// <param name="allowImport">Whether keys may come from outside.</param>
    /// <param name="made">What the token must say of the keys that it makes.</param>
    internal Pkcs11Backend(TokenConnection token, Func<AlgorithmCatalog> catalog, bool allowImport, KeyOrigin made)
    {
        _token = token;
        _made = made;
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
    public override bool TryEraseLostKey(KeyAlgorithm algorithm, ReadOnlySpan<byte> publicKeyDigest)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        TokenAlgorithm? inToken = Array.Find(TokenAlgorithm.All, one => one.Id == algorithm);
        return inToken is null || _token.Do((inToken, Digest: publicKeyDigest.ToArray()), static (functions, session, lost) => TryEraseLost(functions, session, lost.inToken, lost.Digest));
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
        TokenObject key = new(_token, inToken.SecretClass, handle.Id);
        KeyValuePair<string, string>[] facts = _token.Do((key, inToken, handle, PublicKey: publicKey.ToArray()), static (functions, session, work) =>
        {
            CULong secret = work.key.HandleIn(functions, session);
            RequireSame(functions, session, secret, work.inToken, work.handle, work.PublicKey);
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

    /// <summary>Looks through all keys of an algorithm that were made here, in this token, by whichever store.</summary>
    private static bool TryEraseLost(Cryptoki functions, CULong session, TokenAlgorithm inToken, byte[] digest)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, inToken.SecretClass).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_LABEL, inToken.Label);
        CULong[] candidates = TokenObject.Find(functions, session, template, MostLookedThrough);
        bool areAllKnown = candidates.Length < MostLookedThrough;
        byte[] id = new byte[255];
        foreach (CULong candidate in candidates)
        {
            byte[] ownId = id[..functions.C_GetAttributeValue(session, candidate, CK.CKA_ID, id)];
            byte[]? publicKey = inToken.ReadPublicKey(functions, session, ownId);
            bool isIt = publicKey is { Length: > 0 } && SHA256.HashData(publicKey).AsSpan().SequenceEqual(digest);

            // One that was imported may be another store's.
            if (isIt && TokenObject.Is(functions, session, candidate, CK.CKA_LOCAL))
            {
                return DestroyAll(functions, session, ownId);
            }

            areAllKnown &= !isIt && publicKey is { Length: > 0 };
        }

        return areAllKnown;
    }

    /// <summary>Makes a key in the token, and sees that it is what was asked for; otherwise nothing of it stays there.</summary>
    private GeneratedKey Keep(TokenAlgorithm inToken, Algorithm implementation, KeyOrigin origin, Action<Cryptoki, CULong, byte[]> make)
    {
        EraseLeft();
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
                    DestroyAll(functions, session, id);
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
        byte[] message = [.. "RonKms/pkcs11/probe/v1\0"u8, .. probe];
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

    private OpenedKey Open(TokenAlgorithm inToken, Algorithm implementation, TokenHandle handle, ReadOnlySpan<byte> publicKey)
    {
        // The secret object first: where that is missing it is the token that is at fault, and not the record.
        TokenObject key = new(_token, inToken.SecretClass, handle.Id);
        _token.Do((key, inToken, handle, PublicKey: publicKey.ToArray()), static (functions, session, work) =>
        {
            RequireSame(functions, session, work.key.HandleIn(functions, session), work.inToken, work.handle, work.PublicKey);
            return true;
        });
        return inToken.Open(_token, key, implementation, publicKey);
    }

    /// <summary>Refuses an object that was put in the place of the one that was made.</summary>
    private static void RequireSame(Cryptoki functions, CULong session, CULong found, TokenAlgorithm inToken, TokenHandle handle, byte[] publicKey)
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
