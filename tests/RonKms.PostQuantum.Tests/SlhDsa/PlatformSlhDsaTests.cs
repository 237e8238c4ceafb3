// The platform calls its class experimental until it has been used for a while; what it computes is fixed by FIPS 205.
#pragma warning disable SYSLIB5006

using RonKms.Algorithms;
using RonKms.PostQuantum.SlhDsa;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The platform's SLH-DSA against the managed one, both ways.</summary>
public sealed class PlatformSlhDsaTests
{
    private static readonly byte[] s_message = [1, 2, 3];

    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void ThePlatformsSetHasTheSameSizes(string name)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        Platform.SlhDsaAlgorithm platform = PlatformSlhDsaAlgorithm.Find(p);
        Assert.Equal(
            (p.PublicKeySize, p.PrivateKeySize, p.SignatureSize),
            (platform.PublicKeySizeInBytes, platform.PrivateKeySizeInBytes, platform.SignatureSizeInBytes));
    }

    [Fact]
    public void WhereThePlatformHasNoneItSaysSo()
    {
        Assert.SkipWhen(PlatformSlhDsaAlgorithm.IsSupported, "not run: the platform has SLH-DSA");
        KmsException none = Assert.Throws<KmsException>(() => new PlatformSlhDsaAlgorithm(KeyAlgorithm.SlhDsaSha2_128f));
        Assert.Equal(KmsError.AlgUnavailable, none.Error);
    }

    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void EachSignsForTheOther(string name)
    {
        Assert.SkipUnless(PlatformSlhDsaAlgorithm.IsSupported, "not run: the platform has no SLH-DSA");
        KeyAlgorithm id = SlhDsaAlgorithms.Find(name).Id;
        CheckBothWays(new ManagedSlhDsaAlgorithm(id), new PlatformSlhDsaAlgorithm(id));
        CheckBothWays(new PlatformSlhDsaAlgorithm(id), new ManagedSlhDsaAlgorithm(id));
    }

    private static void CheckBothWays(SignatureAlgorithm signer, SignatureAlgorithm verifier)
    {
        using SecretBytes secret = verifier.GenerateSecret();
        byte[] publicKey = new byte[signer.Id.PublicKeySize];
        Assert.True(signer.TryGetPublicKey(secret.Reveal(), publicKey));
        SignOptions context = new() { Context = new byte[] { 1, 2 } };
        byte[] signature = new byte[signer.MaxSignatureSize];
        using SigningKey key = signer.Open(secret.Reveal(), publicKey);
        Assert.Equal(signature.Length, key.Sign(s_message, signature, context));
        Assert.True(verifier.Verify(publicKey, s_message, signature, context));
        Assert.False(verifier.Verify(publicKey, s_message, signature));
        signature[^1] ^= 1;
        Assert.False(verifier.Verify(publicKey, s_message, signature, context));
    }
}
