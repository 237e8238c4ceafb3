using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>Destroys keys in a token: those that a store gave up, those whose handle it lost, and those that were made and not used.</summary>
/// <param name="token">The connection, of which this takes over no use.</param>
internal sealed class TokenErasure(TokenConnection token)
{
    private const int MostLookedThrough = 16_384;

    private readonly ConcurrentQueue<byte[]> _left = [];

    /// <summary>Destroys every object of a CKA_ID, the private ones first, and of them the secret ones; also what somebody else put there.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>: a private one is left. A public one that the token keeps is not
    /// ours to answer for: anybody can put one there, without the PIN.</exception>
    internal static bool DestroyAll(Cryptoki functions, CULong session, byte[] id)
    {
        uint[] classes = [CK.CKO_PRIVATE_KEY, CK.CKO_SECRET_KEY, CK.CKO_PUBLIC_KEY];
        CryptokiException? failure = null;
        foreach (uint objectClass in classes)
        {
            Destroy(functions, session, objectClass, id, isPrivate: true, ref failure);
        }

        if (failure is not null)
        {
            throw new KmsException(
                KmsError.TokenUnavailable,
                $"The token does not destroy all private objects with CKA_ID {Convert.ToHexStringLower(id)} ({failure.Message}). What it does destroy of them is gone. "
                + "Remove the others by the token's own tool (docs/hsm.md), and try again.",
                failure);
        }

        foreach (uint objectClass in classes)
        {
            Destroy(functions, session, objectClass, id, isPrivate: false, ref failure);
        }

        return true;
    }

    /// <summary>Destroys the key with a CKA_ID.</summary>
    /// <returns>Whether it was there.</returns>
    internal bool Erase(byte[] id)
    {
        bool isThere = false;
        return token.Do(id, (functions, session, wanted) =>
        {
            // Also where the session was lost the first time, with the key destroyed.
            isThere |= TokenObject.Find(functions, session, CK.CKO_PRIVATE_KEY, wanted).Length > 0 || TokenObject.Find(functions, session, CK.CKO_SECRET_KEY, wanted).Length > 0;
            DestroyAll(functions, session, wanted);
            return isThere;
        });
    }

    /// <summary>Destroys the key that was made here and has a public key with this SHA-256 digest.</summary>
    /// <returns>Whether it was there.</returns>
    internal bool TryEraseLost(TokenAlgorithm inToken, Algorithm implementation, ReadOnlySpan<byte> publicKeyDigest)
    {
        bool isDestroyed = false;
        byte[] digest = publicKeyDigest.ToArray();
        return token.Do(0, (functions, session, _) =>
        {
            if (FindLost(functions, session, inToken, implementation, digest) is { } id)
            {
                // Where the session is lost meanwhile, it is not found again.
                isDestroyed = true;
                DestroyAll(functions, session, id);
            }

            return isDestroyed;
        });
    }

    /// <summary>Destroys a key that was made and is not used, now or with the next <see cref="EraseLeft"/>.</summary>
    internal void Leave(byte[] id)
    {
        _left.Enqueue(id);
        EraseLeft();
    }

    /// <summary>Destroys what was made and is not used. Where the token does not answer just then, that is done before the next key is made, or at the end.</summary>
    internal void EraseLeft()
    {
        for (int i = _left.Count; i > 0 && _left.TryDequeue(out byte[]? id); i--)
        {
            bool isDestroyed = false;
            try
            {
                token.Do(id, static (functions, session, made) => DestroyAll(functions, session, made));
                isDestroyed = true;
            }
            catch (KmsException e) when (TokenFault.IsRefusal(e.InnerException))
            {
                // What went wrong before is what the caller has to hear. The token is there, so the others go.
            }
            catch (Exception e) when (e is KmsException or ObjectDisposedException)
            {
                return;
            }
            finally
            {
                if (!isDestroyed)
                {
                    // At the end: it keeps no other.
                    _left.Enqueue(id);
                }
            }
        }
    }

    /// <summary>Destroys the objects of a class and CKA_ID, each by itself: one that cannot be destroyed keeps no other.</summary>
    private static void Destroy(Cryptoki functions, CULong session, uint objectClass, byte[] id, bool isPrivate, ref CryptokiException? failure)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, objectClass).Add(CK.CKA_ID, id).Add(CK.CKA_PRIVATE, isPrivate);
        CULong[] found;
        int destroyed;
        do
        {
            found = TokenObject.Find(functions, session, template);
            destroyed = 0;
            foreach (CULong one in found)
            {
                try
                {
                    functions.C_DestroyObject(session, one);
                    destroyed++;
                }
                catch (CryptokiException e) when (!TokenFault.IsLost(e))
                {
                    failure = e;
                }
            }
        }
        while (found.Length == TokenObject.MostFound && destroyed > 0);
    }

    /// <summary>Looks through all keys of an algorithm that were made here, in this token, by whichever store.</summary>
    /// <returns>The CKA_ID; <see langword="null"/> where it is not among them: then it may be in another token.</returns>
    private static byte[]? FindLost(Cryptoki functions, CULong session, TokenAlgorithm inToken, Algorithm implementation, byte[] digest)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, inToken.SecretClass).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_LABEL, inToken.Label);
        CULong[] candidates = TokenObject.Find(functions, session, template, MostLookedThrough);
        byte[] id = new byte[255];
        foreach (CULong candidate in candidates)
        {
            byte[] ownId = id[..functions.C_GetAttributeValue(session, candidate, CK.CKA_ID, id)];
            byte[]? publicKey = inToken.ReadPublicKey(functions, session, ownId);

            // One that was imported may be another store's; and anybody may have put the public object there, beside another key.
            if (publicKey is { Length: > 0 } && SHA256.HashData(publicKey).AsSpan().SequenceEqual(digest)
                && TokenKeyAttributes.IsLocal(functions, session, candidate)
                && inToken.Works(functions, session, candidate, implementation, publicKey))
            {
                return ownId;
            }
        }

        return null;
    }
}
