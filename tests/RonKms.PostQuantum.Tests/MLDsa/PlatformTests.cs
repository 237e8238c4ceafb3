using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>The platform's ML-DSA against the managed one, where the platform has it; what happens where it has none.</summary>
public sealed class PlatformTests
{
    private const string NoPlatform = "not run: the platform has no ML-DSA";

    [Fact]
    public void PlatformWithoutMLDsaSaysSo()
    {
        Assert.SkipWhen(PlatformMLDsaAlgorithm.IsSupported, "not run: the platform has ML-DSA");
        KmsException e = Assert.Throws<KmsException>(() => new PlatformMLDsaAlgorithm(KeyAlgorithm.MLDsa65));
        Assert.Equal(KmsError.AlgUnavailable, e.Error);
        Assert.Empty(MLDsaFamily.Choose(PostQuantumProvider.Platform));
        Assert.Equal(["managed", "managed", "managed"], MLDsaFamily.Choose(PostQuantumProvider.Auto).Select(a => a.Provider));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void BothProvidersMakeTheSameKeysAndTakeEachOthersSignatures(string name)
    {
        Assert.SkipUnless(PlatformMLDsaAlgorithm.IsSupported, NoPlatform);
        KeyAlgorithm id = MLDsaAlgorithms.Find(name).Id;
        SignatureAlgorithm[] providers = [new PlatformMLDsaAlgorithm(id), new ManagedMLDsaAlgorithm(id)];
        SignOptions options = new() { Context = new byte[] { 1, 2, 3 } };
        for (int round = 0; round < 20; round++)
        {
            using SecretBytes secret = providers[0].GenerateSecret();
            byte[][] publicKeys = [.. providers.Select(_ => new byte[id.PublicKeySize])];
            for (int i = 0; i < providers.Length; i++)
            {
                Assert.True(providers[i].TryGetPublicKey(secret.Reveal(), publicKeys[i]));
            }

            Assert.Equal(publicKeys[0], publicKeys[1]);
            foreach (SignatureAlgorithm signer in providers)
            {
                using SigningKey key = signer.Open(secret.Reveal(), publicKeys[0]);
                byte[] signature = new byte[signer.MaxSignatureSize];
                byte[] message = [(byte)round];
                Assert.Equal(signature.Length, key.Sign(message, signature, options));
                foreach (SignatureAlgorithm verifier in providers)
                {
                    Assert.True(verifier.Verify(publicKeys[0], message, signature, options));
                    Assert.False(verifier.Verify(publicKeys[0], message, signature));
                }
            }
        }
    }
}
