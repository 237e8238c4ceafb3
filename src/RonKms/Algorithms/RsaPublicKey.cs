using System.Buffers.Text;
using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>RSA public keys as SubjectPublicKeyInfo in the one DER form that there is for a modulus size and e = 65537.</summary>
/// <remarks>
/// With both fixed, everything but the modulus is constant, so keys are compared with a template and never parsed: no other encoding
/// of the same key is taken. Source: RFC 8017, appendix A.1.1; RFC 3279, section 2.3.1.
/// </remarks>
internal sealed class RsaPublicKey
{
    private static readonly byte[] s_exponent = [0x01, 0x00, 0x01];

    private readonly byte[] _template;
    private readonly int _modulusOffset;

    /// <summary>Creates the template of a modulus size.</summary>
    /// <param name="modulusSize">The modulus in bytes, from 256 to 512.</param>
    internal RsaPublicKey(int modulusSize)
    {
        ModulusSize = modulusSize;

        // Two bytes of length everywhere; the modulus takes a zero byte in front, its top bit being set.
        byte[] afterModulus = [0x02, (byte)s_exponent.Length, .. s_exponent];
        byte[] modulusHeader = [0x02, 0x82, .. Length(modulusSize + 1), 0x00];
        byte[] keyHeader = [0x30, 0x82, .. Length(modulusHeader.Length + modulusSize + afterModulus.Length)];
        int keySize = keyHeader.Length + modulusHeader.Length + modulusSize + afterModulus.Length;
        byte[] bitStringHeader = [0x03, 0x82, .. Length(1 + keySize), 0x00];
        byte[] outerHeader = [0x30, 0x82, .. Length(AlgorithmIdentifier.Length + bitStringHeader.Length + keySize)];
        byte[] beforeModulus = [.. outerHeader, .. AlgorithmIdentifier, .. bitStringHeader, .. keyHeader, .. modulusHeader];
        _template = [.. beforeModulus, .. new byte[modulusSize], .. afterModulus];
        _modulusOffset = beforeModulus.Length;
        Pkcs1Offset = outerHeader.Length + AlgorithmIdentifier.Length + bitStringHeader.Length;
    }

    /// <summary>The AlgorithmIdentifier rsaEncryption, encoded.</summary>
    internal static ReadOnlySpan<byte> AlgorithmIdentifier =>
        [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];

    /// <summary>The public exponent 65537, big-endian.</summary>
    internal static ReadOnlySpan<byte> Exponent => s_exponent;

    /// <summary>The size of the modulus and of a signature in bytes.</summary>
    internal int ModulusSize { get; }

    /// <summary>The size of an encoded key in bytes.</summary>
    internal int Size => _template.Length;

    /// <summary>Where the RSAPublicKey of PKCS#1 begins in an encoded key; it goes to the end.</summary>
    internal int Pkcs1Offset { get; }

    /// <summary>Whether a modulus has exactly the size wanted and is odd.</summary>
    /// <param name="modulus">The modulus, big-endian.</param>
    /// <returns>Whether it is.</returns>
    internal bool IsModulus(ReadOnlySpan<byte> modulus) =>
        modulus.Length == ModulusSize && (modulus[0] & 0x80) != 0 && (modulus[^1] & 1) != 0;

    /// <summary>Encodes a key.</summary>
    /// <param name="modulus">A modulus that <see cref="IsModulus"/> takes.</param>
    /// <param name="destination">Receives the encoding, <see cref="Size"/> bytes.</param>
    internal void Encode(ReadOnlySpan<byte> modulus, Span<byte> destination)
    {
        _template.CopyTo(destination);
        modulus.CopyTo(destination[_modulusOffset..]);
    }

    /// <summary>The modulus of an encoded key.</summary>
    /// <param name="publicKey">The key, <see cref="Size"/> bytes.</param>
    /// <returns>The modulus, big-endian, a part of <paramref name="publicKey"/>.</returns>
    internal ReadOnlySpan<byte> Modulus(ReadOnlySpan<byte> publicKey) => publicKey.Slice(_modulusOffset, ModulusSize);

    /// <summary>Whether bytes are an encoded key.</summary>
    /// <param name="publicKey">The bytes.</param>
    /// <returns>Whether they are.</returns>
    internal bool IsValid(ReadOnlySpan<byte> publicKey)
    {
        int end = _modulusOffset + ModulusSize;
        return publicKey.Length == Size
            && publicKey[.._modulusOffset].SequenceEqual(_template.AsSpan(0, _modulusOffset))
            && publicKey[end..].SequenceEqual(_template.AsSpan(end))
            && IsModulus(Modulus(publicKey));
    }

    /// <summary>Makes the platform's object of a key.</summary>
    /// <param name="publicKey">A key that <see cref="IsValid"/> takes.</param>
    /// <returns>The object; the caller disposes it.</returns>
    internal RSA Create(ReadOnlySpan<byte> publicKey) =>
        RSA.Create(new RSAParameters { Modulus = Modulus(publicKey).ToArray(), Exponent = s_exponent });

    /// <summary>The members of a key's JWK.</summary>
    /// <param name="publicKey">The key.</param>
    /// <returns>kty, n, e.</returns>
    internal KeyValuePair<string, string>[] ExportJwk(ReadOnlySpan<byte> publicKey) =>
    [
        new("kty", "RSA"),
        new("n", Base64Url.EncodeToString(Modulus(publicKey))),
        new("e", Base64Url.EncodeToString(Exponent)),
    ];

    private static byte[] Length(int length) => [(byte)(length >> 8), (byte)length];
}
