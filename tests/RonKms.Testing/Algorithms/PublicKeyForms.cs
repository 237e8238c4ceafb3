using System.Buffers.Text;
using System.Formats.Asn1;
using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>Checks of the standard forms of public keys, the same for signatures and key encapsulation.</summary>
internal static class PublicKeyForms
{
    /// <summary>The SubjectPublicKeyInfo is strict DER and holds the public key.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="publicKey">The raw public key.</param>
    internal static void CheckSubjectPublicKeyInfo(Algorithm algorithm, byte[] publicKey)
    {
        byte[] der = algorithm.ExportSubjectPublicKeyInfo(publicKey);
        AsnReader outer = new(der, AsnEncodingRules.DER);
        AsnReader info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        AsnReader identifier = info.ReadSequence();
        Assert.NotEmpty(identifier.ReadObjectIdentifier());
        byte[] key = info.ReadBitString(out int unusedBits);
        info.ThrowIfNotEmpty();
        Assert.Equal(0, unusedBits);

        // The raw form of an RSA key is this encoding itself.
        Assert.Equal(publicKey, algorithm.Id.Name.StartsWith("rsa", StringComparison.Ordinal) ? der : key);
    }

    /// <summary>The JWK begins with kty, names no member twice, and its values are registered names or strict base64url.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="publicKey">The raw public key.</param>
    internal static void CheckJwk(Algorithm algorithm, byte[] publicKey)
    {
        IReadOnlyList<KeyValuePair<string, string>> members = algorithm.ExportJwk(publicKey);
        Assert.Equal("kty", members[0].Key);
        Assert.Equal(members.Count, members.Select(m => m.Key).Distinct().Count());
        Assert.DoesNotContain(members, m => m.Key is "d" or "p" or "q" or "dp" or "dq" or "qi" or "k" or "priv" or "seed");
        byte[][] values = [.. members.Where(m => m.Key is "x" or "y" or "n" or "e" or "pub").Select(m => Base64Url.DecodeFromChars(m.Value))];
        Assert.NotEmpty(values);
        Assert.All(values, v => Assert.NotEqual(-1, publicKey.AsSpan().IndexOf(v)));
        Assert.All(members, m => Assert.DoesNotContain('=', m.Value));
    }
}
