using RonKms.Algorithms;
using RonKms.Testing.Algorithms;

namespace RonKms.Tests.Algorithms;

/// <summary>The registry: every algorithm of the classical catalog against the contract of its family. A new one is a line here, and vectors.</summary>
public static class ClassicalAlgorithms
{
    public sealed class Ed25519() : SignatureAlgorithmContract(KeyAlgorithm.Ed25519, AlgorithmCatalog.Classical)
    {
        protected override bool IsDeterministic => true;
    }

    public sealed class P256() : SignatureAlgorithmContract(KeyAlgorithm.P256, AlgorithmCatalog.Classical)
    {
        protected override IReadOnlyList<EcdsaEncoding> EcdsaEncodings => [EcdsaEncoding.Fixed, EcdsaEncoding.Der];
    }

    public abstract class RsaContract(KeyAlgorithm id) : SignatureAlgorithmContract(id, AlgorithmCatalog.Classical)
    {
        protected override IReadOnlyList<RsaPadding> RsaPaddings => [RsaPadding.Pss, RsaPadding.Pkcs1];
    }

    public sealed class Rsa2048() : RsaContract(KeyAlgorithm.Rsa2048);

    public sealed class Rsa3072() : RsaContract(KeyAlgorithm.Rsa3072);

    public sealed class Rsa4096() : RsaContract(KeyAlgorithm.Rsa4096);

    public sealed class X25519() : KemAlgorithmContract(KeyAlgorithm.X25519, AlgorithmCatalog.Classical)
    {
        protected override IReadOnlyList<byte[]> UnusablePublicKeys => SmallOrderPoints.OfCurve25519;
    }

    public sealed class Aes256Gcm() : AeadAlgorithmContract(KeyAlgorithm.Aes256Gcm, AlgorithmCatalog.Classical);

    public sealed class ChaCha20Poly1305() : AeadAlgorithmContract(KeyAlgorithm.ChaCha20Poly1305, AlgorithmCatalog.Classical);

    public sealed class HmacSha256() : MacAlgorithmContract(KeyAlgorithm.HmacSha256, AlgorithmCatalog.Classical);

    public sealed class Registry
    {
        [Fact]
        public void EveryClassicalAlgorithmHasItsContract()
        {
            IEnumerable<string> registered = typeof(ClassicalAlgorithms).GetNestedTypes()
                .Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(AlgorithmContract)))
                .Select(t => t.Name.ToLowerInvariant());
            Assert.Equal(AlgorithmCatalog.Classical.Algorithms.Select(a => a.Id.Name).Order(), registered.Order());
        }
    }
}
