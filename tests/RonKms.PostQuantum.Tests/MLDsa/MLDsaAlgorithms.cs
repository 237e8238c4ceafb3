using RonKms.PostQuantum.MLDsa;
using RonKms.Testing.Algorithms;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>The registry: the three parameter sets against the contract of signatures.</summary>
public static class MLDsaAlgorithms
{
    /// <summary>The standard's names.</summary>
    public static TheoryData<string> Names => new(MLDsaParameters.All.Select(p => p.Name));

    /// <summary>Finds a parameter set by the standard's name.</summary>
    /// <param name="name">The name, as "ML-DSA-65".</param>
    /// <returns>The set.</returns>
    internal static MLDsaParameters Find(string name) => MLDsaParameters.All.Single(p => p.Name == name);

    /// <summary>Signs as the standard's deterministic variant does.</summary>
    internal static byte[] SignDeterministic(MLDsaParameters parameters, byte[] seed, byte[] message, byte[] context)
    {
        using MLDsaPrivateKey key = new(parameters);
        MLDsaInternal.KeyGen(seed, key, new byte[parameters.PublicKeySize]);
        byte[] mu = new byte[MLDsaParameters.HashSize];
        FormattedMessage.Pure(message, context).HashTo(key.Tr, mu);
        byte[] signature = new byte[parameters.SignatureSize];
        MLDsaInternal.Sign(key, mu, new byte[MLDsaParameters.SeedSize], signature);
        return signature;
    }

    public sealed class MLDsa44() : SignatureAlgorithmContract(KeyAlgorithm.MLDsa44, TestedProvider.Catalog);

    public sealed class MLDsa65() : SignatureAlgorithmContract(KeyAlgorithm.MLDsa65, TestedProvider.Catalog);

    public sealed class MLDsa87() : SignatureAlgorithmContract(KeyAlgorithm.MLDsa87, TestedProvider.Catalog);

    public sealed class Parameters
    {
        [Fact]
        public void SizesAreThoseOfTheStandard()
        {
            Assert.Equal(
                [(1312, 2560, 2420, 78), (1952, 4032, 3309, 196), (2592, 4896, 4627, 120)],
                MLDsaParameters.All.Select(p => (p.PublicKeySize, p.PrivateKeySize, p.SignatureSize, p.Beta)));
            Assert.All(MLDsaParameters.All, p => Assert.Equal(p.Id.PublicKeySize, p.PublicKeySize));
        }

        [Fact]
        public void OtherAlgorithmsAreRefused()
        {
            Assert.Throws<ArgumentException>(() => new ManagedMLDsaAlgorithm(KeyAlgorithm.Ed25519));
            Assert.Throws<ArgumentException>(() => new PlatformMLDsaAlgorithm(KeyAlgorithm.SlhDsaShake128f));
        }
    }
}
