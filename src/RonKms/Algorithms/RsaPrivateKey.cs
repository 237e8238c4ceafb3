using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>RSA private keys of one modulus size: PKCS#8 around a two-prime RSAPrivateKey, in one canonical DER form.</summary>
/// <remarks>Reads spans in place. Source: RFC 8017, appendix A.1.2; RFC 5958, section 2.</remarks>
internal sealed class RsaPrivateKey
{
    // SEQUENCE with two bytes of length, version 0.
    private const int HeaderSize = 4 + 3;
    private const int OctetStringHeaderSize = 4;

    private readonly RsaPublicKey _public;

    /// <summary>Creates the form of a modulus size.</summary>
    /// <param name="publicKey">The form of the public key.</param>
    internal RsaPrivateKey(RsaPublicKey publicKey)
    {
        _public = publicKey;
    }

    /// <summary>The most bytes that an encoding takes: n and d of the modulus size, the others of half of it, a zero byte before each.</summary>
    internal int MaxSize
    {
        get
        {
            int version = IntegerSize(1, isSignByteNeeded: false);
            int exponent = IntegerSize(RsaPublicKey.Exponent.Length, isSignByteNeeded: false);
            int whole = IntegerSize(_public.ModulusSize, isSignByteNeeded: true);
            int half = IntegerSize(_public.ModulusSize / 2, isSignByteNeeded: true);
            return Overhead + 4 + version + exponent + (2 * whole) + (5 * half);
        }
    }

    private static int Overhead => HeaderSize + RsaPublicKey.AlgorithmIdentifier.Length + OctetStringHeaderSize;

    /// <summary>The size of the modulus, whatever it is.</summary>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The size in bits, or <see langword="null"/> where this is no PKCS#8 encoding of an RSA key.</returns>
    internal static int? FindModulusBits(ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, RsaPublicKey.AlgorithmIdentifier, out ReadOnlySpan<byte> pkcs1, out _))
        {
            return null;
        }

        try
        {
            DerReader outer = new(pkcs1);
            DerReader key = outer.ReadSequence();
            if (!key.TryReadInt32(out _))
            {
                return null;
            }

            ReadOnlySpan<byte> modulus = key.ReadUnsignedInteger();
            return (8 * modulus.Length) - BitOperations.LeadingZeroCount((uint)modulus[0] << 24);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Generates a key.</summary>
    /// <param name="destination">Receives the canonical encoding; <see cref="MaxSize"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    internal int Generate(Span<byte> destination)
    {
        using RSA key = RSA.Create(8 * _public.ModulusSize);
        return key.TryExportPkcs8PrivateKey(destination, out int written)
            ? written
            : throw new KmsException(KmsError.Internal, "The platform's encoding of a new RSA key is larger than any canonical one.");
    }

    /// <summary>Checks a key in canonical form and computes its public key.</summary>
    /// <param name="pkcs8">The encoding.</param>
    /// <param name="publicKey">Receives the public key.</param>
    /// <returns>Whether the encoding is canonical, of this size, with e = 65537, and its parts belong together.</returns>
    internal bool TryGetPublicKey(ReadOnlySpan<byte> pkcs8, Span<byte> publicKey)
    {
        if (!Pkcs8.TryRead(pkcs8, RsaPublicKey.AlgorithmIdentifier, out ReadOnlySpan<byte> pkcs1, out ReadOnlySpan<byte> attached)
            || !attached.IsEmpty
            || pkcs8.Length != Overhead + pkcs1.Length
            || !TryReadModulus(pkcs1, out ReadOnlySpan<byte> modulus))
        {
            return false;
        }

        _public.Encode(modulus, publicKey);
        return IsConsistent(pkcs8, publicKey);
    }

    /// <summary>Brings a key into canonical form: without attributes, without an attached public key.</summary>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The canonical encoding, not yet checked, or <see langword="null"/>. The caller disposes it.</returns>
    internal SecretBytes? Canonicalise(ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, RsaPublicKey.AlgorithmIdentifier, out ReadOnlySpan<byte> pkcs1, out ReadOnlySpan<byte> attached)
            || Overhead + pkcs1.Length > MaxSize
            || !TryReadModulus(pkcs1, out ReadOnlySpan<byte> modulus))
        {
            return null;
        }

        if (!attached.IsEmpty)
        {
            Span<byte> publicKey = stackalloc byte[_public.Size];
            _public.Encode(modulus, publicKey);
            if (!attached.SequenceEqual(publicKey[_public.Pkcs1Offset..]))
            {
                return null;
            }
        }

        SecretBytes canonical = SecretBytes.Allocate(Overhead + pkcs1.Length);
        Encode(pkcs1, canonical.Reveal());
        return canonical;
    }

    private static int IntegerSize(int length, bool isSignByteNeeded)
    {
        int content = length + (isSignByteNeeded ? 1 : 0);
        int lengthOfLength = content < 0x80 ? 1 : content <= byte.MaxValue ? 2 : 3;
        return 1 + lengthOfLength + content;
    }

    private static void Encode(ReadOnlySpan<byte> pkcs1, Span<byte> destination)
    {
        ReadOnlySpan<byte> algorithm = RsaPublicKey.AlgorithmIdentifier;
        destination[0] = 0x30;
        destination[1] = 0x82;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(destination.Length - 4));
        destination[4] = 0x02;
        destination[5] = 0x01;
        destination[6] = 0x00;
        algorithm.CopyTo(destination[HeaderSize..]);
        Span<byte> octetString = destination[(HeaderSize + algorithm.Length)..];
        octetString[0] = 0x04;
        octetString[1] = 0x82;
        BinaryPrimitives.WriteUInt16BigEndian(octetString[2..], (ushort)pkcs1.Length);
        pkcs1.CopyTo(octetString[OctetStringHeaderSize..]);
    }

    // The platform refuses parts that do not fit where it checks them (OpenSSL does); a signature made of the private parts
    // that verifies under the public ones settles it everywhere.
    private bool IsConsistent(ReadOnlySpan<byte> pkcs8, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            using RSA key = RSA.Create();
            key.ImportPkcs8PrivateKey(pkcs8, out int read);
            using RSA verifier = _public.Create(publicKey);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            Span<byte> signature = stackalloc byte[_public.ModulusSize];
            Entropy.Fill(hash);
            return read == pkcs8.Length
                && key.TrySignHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, out int written)
                && verifier.VerifyHash(hash, signature[..written], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // RSAPrivateKey ::= SEQUENCE { version 0, n, e, d, p, q, d mod (p-1), d mod (q-1), q^-1 mod p }
    private bool TryReadModulus(ReadOnlySpan<byte> pkcs1, out ReadOnlySpan<byte> modulus)
    {
        modulus = default;
        try
        {
            DerReader outer = new(pkcs1);
            DerReader key = outer.ReadSequence();
            if (!outer.IsAtEnd || !key.TryReadInt32(out int version) || version != 0)
            {
                return false;
            }

            modulus = key.ReadUnsignedInteger();
            if (!_public.IsModulus(modulus) || !key.ReadUnsignedInteger().SequenceEqual(RsaPublicKey.Exponent))
            {
                return false;
            }

            const int SecretIntegers = 6;
            for (int i = 0; i < SecretIntegers; i++)
            {
                int limit = i == 0 ? _public.ModulusSize : _public.ModulusSize / 2;
                if (key.ReadUnsignedInteger().Length > limit)
                {
                    return false;
                }
            }

            return key.IsAtEnd;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
