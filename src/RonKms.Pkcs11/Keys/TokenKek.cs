using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Keys;

/// <summary>A key-encryption key that never leaves its token: AES-256, which wraps store keys by RFC 5649, or by AES-GCM where the token lacks that.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 2.</remarks>
internal sealed class TokenKek : KeyEncryptionKey
{
    internal const string KindName = "pkcs11";
    private const string KeyWrap = "aes-kwp";
    private const string Gcm = "aes-gcm";
    private const int IvSize = 12;
    private const int TagSize = 16;

    private readonly TokenConnection _token;
    private readonly TokenObject _key;
    private readonly string _uri;
    private readonly bool _wraps;
    private int _isClosed;

    private TokenKek(TokenConnection token, string name, byte[] id, bool wraps, KeyOrigin made)
    {
        _token = token.Share();
        _key = new TokenObject(token, CK.CKO_SECRET_KEY, id, (functions, session, found) => Require(functions, session, found, name, made));
        _uri = TokenUri.Write(token.Identity, name, id);
        _wraps = wraps;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Makes a key of a name that the token does not have yet.</summary>
    internal static TokenKek Create(TokenConnection token, string name, KeyOrigin made)
    {
        bool wraps = KeyWrapping.FindMechanism(token) is not null;
        if (!wraps && token.FindMechanism(CK.CKM_AES_GCM) is null)
        {
            throw new KmsException(
                KmsError.AlgUnavailable, $"{token} can neither wrap keys by RFC 5649 (CKM_AES_KEY_WRAP_KWP) nor encrypt by AES-GCM. Nothing was made. Use a key file, or another token.");
        }

        byte[] id = new byte[TokenHandle.IdSize];
        Entropy.Fill(id);
        bool isBegun = false;
        try
        {
            token.Do(0, (functions, session, _) =>
            {
                if (isBegun)
                {
                    // The session was lost the first time, perhaps with the key made.
                    TokenErasure.DestroyAll(functions, session, id);
                }

                if (Find(functions, session, name).Length > 0)
                {
                    throw new KmsException(KmsError.Denied, $"The token has a secret key named '{name}' already. It was not touched. Open that one, or choose another name.");
                }

                isBegun = true;
                try
                {
                    Generate(functions, session, name, id, wraps, TokenForm.Narrow);
                }
                catch (CryptokiException e) when (TokenFault.IsRefusal(e))
                {
                    Generate(functions, session, name, id, wraps, TokenForm.Plain);
                }

                TokenKeyAttributes.Require(functions, session, TokenObject.Find(functions, session, CK.CKO_SECRET_KEY, id), made);
                return true;
            });
        }
        catch (Exception e) when (isBegun)
        {
            try
            {
                token.Do(id, static (functions, session, left) => TokenErasure.DestroyAll(functions, session, left));
            }
            catch (KmsException)
            {
                throw new KmsException(
                    KmsError.TokenUnavailable,
                    $"{e.Message.TrimEnd('.')}. And a key named '{name}' may be left in {token}, which does not answer: see that it goes before another is made, or open it if it is there.",
                    e);
            }

            throw;
        }

        return Open(token, name, made);
    }

    /// <summary>Finds a key by its name.</summary>
    internal static TokenKek Open(TokenConnection token, string name, KeyOrigin made) => TryOpen(token, name, made) ?? throw new KmsException(
        KmsError.WrongKek, $"{token} has no private secret key named '{name}'; a public one is not taken. Nothing was made. Check the name and the token, or create the key explicitly.");

    /// <summary>Finds a key by its name; <see langword="null"/> where there is none.</summary>
    internal static TokenKek? TryOpen(TokenConnection token, string name, KeyOrigin made)
    {
        (byte[] Id, bool Wraps)? found = token.Do((Name: name, Made: made), static (functions, session, wanted) =>
        {
            CULong[] keys = Find(functions, session, wanted.Name);
            if (keys.Length == 0)
            {
                return ((byte[], bool)?)null;
            }

            if (keys.Length > 1)
            {
                throw new KmsException(KmsError.WrongKek, $"{keys.Length} secret keys of the token are named '{wanted.Name}'. Rename or remove all but one.");
            }

            Require(functions, session, keys[0], wanted.Name, wanted.Made);
            Span<byte> id = stackalloc byte[255];
            int size = functions.C_GetAttributeValue(session, keys[0], CK.CKA_ID, id);
            if (size == 0)
            {
                throw new KmsException(
                    KmsError.WrongKek,
                    $"The token's key '{wanted.Name}' has no CKA_ID, and a store would know it by nothing else. It was not used. Make one with {nameof(Pkcs11Token.CreateKek)}, or with pkcs11-tool --keygen and an --id of its own (docs/runbooks/hsm-down.md where a store is wrapped under this one).");
            }

            return (id[..size].ToArray(), TokenObject.Is(functions, session, keys[0], CK.CKA_WRAP));
        });
        return found is { } key ? new TokenKek(token, name, key.Id, key.Wraps, made) : null;
    }

    /// <inheritdoc/>
    public override byte[] Wrap(ReadOnlySpan<byte> storeKey, out KekDescription description)
    {
        description = KekDescription.OfKind(KindName).With("uri", _uri);
        byte[] wrapped = _wraps ? WrapInToken(storeKey, ref description) : Encrypt(storeKey, ref description);

        // Before anything is written: what does not open again now never does.
        using SecretBytes again = SecretBytes.Allocate(storeKey.Length);
        return TryUnwrap(description, wrapped, again.Reveal()) && CryptographicOperations.FixedTimeEquals(storeKey, again.Reveal())
            ? wrapped
            : throw new KmsException(
                KmsError.AlgUnavailable, $"{_token} does not unwrap what it wrapped by {description.GetString("wrap")}. Nothing was written. Use a key file, or another token, and ask this one's maker.");
    }

    /// <inheritdoc/>
    public override bool TryUnwrap(KekDescription description, ReadOnlySpan<byte> wrapped, Span<byte> storeKey)
    {
        ArgumentNullException.ThrowIfNull(description);
        bool isGcm = description.GetString("wrap") == Gcm;
        bool isWhole = isGcm ? description.HasExactly("iv", "kind", "uri", "wrap") : description.HasExactly("kind", "uri", "wrap");
        if (!isWhole || (!isGcm && description.GetString("wrap") != KeyWrap))
        {
            throw Unacceptable($"it must have kind, uri and wrap ({KeyWrap}, or {Gcm} with iv)");
        }

        if (description.GetString("uri") != _uri)
        {
            throw new KmsException(
                KmsError.WrongKek, $"The store is wrapped under {description.GetString("uri")}, and the key given is {_uri}. Nothing was changed. Give the right one.");
        }

        // Only a wrapped key of the exact size can be one.
        if (isGcm == _wraps || wrapped.Length != (isGcm ? storeKey.Length + TagSize : KeyWrapping.WrappedSize))
        {
            return false;
        }

        Work work = new(_key, isGcm ? CK.CKM_AES_GCM : RequireMechanism(), wrapped, storeKey, isGcm ? IvOf(description) : default);
        try
        {
            return _token.Do(work, static (functions, session, asked) => Unwrap(functions, session, asked));
        }
        catch (KmsException e) when (e.InnerException is CryptokiException
        {
            Code: CKR.CKR_WRAPPED_KEY_INVALID or CKR.CKR_WRAPPED_KEY_LEN_RANGE or CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE
            or CKR.CKR_DATA_INVALID or CKR.CKR_GENERAL_ERROR or CKR.CKR_FUNCTION_FAILED,
        })
        {
            storeKey.Clear();

            // Some tokens have no better code than a sick one's for a wrapped key that does not open.
            return IsWell() ? false : throw new KmsException(e.Error, e.Message, e);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _token.Close();
        }
    }

    private static void Generate(Cryptoki functions, CULong session, string name, byte[] id, bool wraps, TokenForm form)
    {
        using AttributeTemplate template = new();
        template.Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_SENSITIVE, true)
            .Add(CK.CKA_EXTRACTABLE, false)
            .Add(CK.CKA_ID, id)
            .Add(CK.CKA_LABEL, System.Text.Encoding.UTF8.GetBytes(name))
            .Add(CK.CKA_WRAP, wraps)
            .Add(CK.CKA_UNWRAP, wraps)
            .Add(CK.CKA_ENCRYPT, !wraps)
            .Add(CK.CKA_DECRYPT, !wraps)
            .AddNumber(CK.CKA_VALUE_LEN, 32);
        if (form == TokenForm.Narrow)
        {
            template.Add(CK.CKA_SIGN, false).Add(CK.CKA_VERIFY, false).Add(CK.CKA_DERIVE, false).Add(CK.CKA_MODIFIABLE, false).Add(CK.CKA_COPYABLE, false);
        }

        functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
    }

    /// <summary>Refuses a key that could leave the token, or was elsewhere before: it protects nothing that the token was bought for.</summary>
    private static void Require(Cryptoki functions, CULong session, CULong found, string name, KeyOrigin made)
    {
        string? fault = TokenKeyAttributes.Fault(functions, session, found, made)
            ?? (TokenKeyAttributes.IsAes256(functions, session, found) ? null : "type is not AES with 256 bits")
            ?? (Find(functions, session, name) is [CULong named] && named.Equals(found) ? null : "name is another's, or not its own alone");
        if (fault is not null)
        {
            throw new KmsException(
                KmsError.WrongKek,
                $"The token's key '{name}' is not one that was made there and stays there: its {fault}. It was not used. Find out who made it, and make one with {nameof(Pkcs11Token.CreateKek)}.");
        }
    }

    // Only what is private: anybody can put a public object of the same name there, without the PIN.
    private static CULong[] Find(Cryptoki functions, CULong session, string name)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY)
            .Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_LABEL, System.Text.Encoding.UTF8.GetBytes(name));
        return TokenObject.Find(functions, session, template);
    }

    private static bool Unwrap(Cryptoki functions, CULong session, scoped Work work)
    {
        CULong key = work.Key.HandleIn(functions, session);
        return work.Mechanism == CK.CKM_AES_GCM
            ? Decrypt(functions, session, key, work)
            : KeyWrapping.Unwrap(functions, session, work.Mechanism, key, work.Input, work.Output);
    }

    /// <summary>Whether the token opens what it wrapped itself.</summary>
    private bool IsWell()
    {
        if (_wraps)
        {
            return KeyWrapping.FindMechanism(_token) is not null;
        }

        byte[] iv = new byte[IvSize];
        byte[] wrapped = new byte[IvSize + TagSize];
        byte[] again = new byte[IvSize];
        Entropy.Fill(iv);
        _token.Do(new Work(_key, CK.CKM_AES_GCM, iv, wrapped, iv), static (functions, session, work) => Encrypt(functions, session, work));
        return _token.Do(new Work(_key, CK.CKM_AES_GCM, wrapped, again, iv), static (functions, session, work) => Unwrap(functions, session, work))
            && again.AsSpan().SequenceEqual(iv);
    }

    private byte[] WrapInToken(ReadOnlySpan<byte> storeKey, ref KekDescription description)
    {
        description = description.With("wrap", KeyWrap);
        return _token.Do(new Work(_key, RequireMechanism(), storeKey, default, default), static (functions, session, work) =>
            KeyWrapping.Wrap(functions, session, work.Mechanism, work.Key.HandleIn(functions, session), work.Input));
    }

    private byte[] Encrypt(ReadOnlySpan<byte> storeKey, ref KekDescription description)
    {
        byte[] iv = new byte[IvSize];
        Entropy.Fill(iv);
        string given = Convert.ToBase64String(iv);
        description = description.With("iv", given).With("wrap", Gcm);
        byte[] wrapped = new byte[storeKey.Length + TagSize];
        int written = _token.Do(new Work(_key, CK.CKM_AES_GCM, storeKey, wrapped, iv), static (functions, session, work) => Encrypt(functions, session, work));

        // Some tokens write an IV of their own over the one that they are given.
        return Convert.ToBase64String(iv) == given
            ? wrapped[..written]
            : throw new KmsException(
                KmsError.AlgUnavailable, $"{_token} encrypts by AES-GCM under an IV of its own, and not under the one given. Nothing was written. Use a key file, or another token.");
    }

    private static unsafe int Encrypt(Cryptoki functions, CULong session, scoped Work work)
    {
        fixed (byte* iv = work.Iv)
        {
            CK_GCM_PARAMS parameters = Parameters(iv);
            functions.C_EncryptInit(session, MechanismOf(&parameters), work.Key.HandleIn(functions, session));
            return functions.C_Encrypt(session, work.Input, work.Output);
        }
    }

    private static unsafe bool Decrypt(Cryptoki functions, CULong session, CULong key, scoped Work work)
    {
        // Some modules want room for the tag as well.
        using SecretBytes room = SecretBytes.Allocate(work.Input.Length);
        fixed (byte* iv = work.Iv)
        {
            CK_GCM_PARAMS parameters = Parameters(iv);
            functions.C_DecryptInit(session, MechanismOf(&parameters), key);
            if (functions.C_Decrypt(session, work.Input, room.Reveal()) != work.Output.Length)
            {
                return false;
            }
        }

        room.Reveal()[..work.Output.Length].CopyTo(work.Output);
        return true;
    }

    private static unsafe CK_GCM_PARAMS Parameters(byte* iv) => new()
    {
        pIv = iv,
        ulIvLen = new CULong(IvSize),
        ulIvBits = new CULong(8 * IvSize),
        ulTagBits = new CULong(8 * TagSize),
    };

    private static unsafe CK_MECHANISM MechanismOf(CK_GCM_PARAMS* parameters) => new()
    {
        mechanism = new CULong(CK.CKM_AES_GCM),
        pParameter = parameters,
        ulParameterLen = new CULong((uint)sizeof(CK_GCM_PARAMS)),
    };

    private static byte[] IvOf(KekDescription description)
    {
        byte[] iv = new byte[IvSize];
        string text = description.GetString("iv") ?? string.Empty;
        return Convert.TryFromBase64String(text, iv, out int written) && written == IvSize && Convert.ToBase64String(iv) == text
            ? iv
            : throw Unacceptable($"iv is not {IvSize} bytes of base64");
    }

    private static KmsException Unacceptable(string why) => new(
        KmsError.SealedCorrupt, $"store.json describes its key-encryption key in a way that is refused: {why}. Nothing was changed.");

    private uint RequireMechanism() => KeyWrapping.FindMechanism(_token) ?? throw new KmsException(
        KmsError.AlgUnavailable, $"{_token} does not wrap keys by RFC 5649 any more, as it did when its key was made. Nothing was changed. Ask its maker.");

    private readonly ref struct Work(TokenObject key, uint mechanism, ReadOnlySpan<byte> input, Span<byte> output, ReadOnlySpan<byte> iv)
    {
        internal TokenObject Key { get; } = key;

        internal uint Mechanism { get; } = mechanism;

        internal ReadOnlySpan<byte> Input { get; } = input;

        internal Span<byte> Output { get; } = output;

        internal ReadOnlySpan<byte> Iv { get; } = iv;
    }
}
