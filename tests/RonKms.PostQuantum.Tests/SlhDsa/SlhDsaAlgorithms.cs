using RonKms.PostQuantum.SlhDsa;
using RonKms.Testing.Algorithms;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The registry: the fast sets against the contract of signatures. The small ones take too long for it: <see cref="SmallSetTests"/>.</summary>
public static class SlhDsaAlgorithms
{
    /// <summary>The six small sets, by their names.</summary>
    public static TheoryData<string> SmallSets => [.. NamesOf('s')];

    /// <summary>All twelve sets, by their names.</summary>
    public static TheoryData<string> Sets => [.. SlhDsaParameters.All.Select(p => p.Name)];

    /// <summary>Finds a parameter set.</summary>
    /// <param name="name">The standard's name.</param>
    /// <returns>The set.</returns>
    internal static SlhDsaParameters Find(string name) => SlhDsaParameters.All.Single(p => p.Name == name);

    private static IEnumerable<string> NamesOf(char kind) => SlhDsaParameters.All.Select(p => p.Name).Where(name => name[^1] == kind);

    // A signature takes 20 to 100 ms.
    public abstract class Contract(KeyAlgorithm id) : SignatureAlgorithmContract(id, TestedProvider.Catalog)
    {
        protected override int Threads => 2;

        protected override int Rounds => 2;
    }

    public sealed class SlhDsaSha2_128f() : Contract(KeyAlgorithm.SlhDsaSha2_128f);

    public sealed class SlhDsaSha2_192f() : Contract(KeyAlgorithm.SlhDsaSha2_192f);

    public sealed class SlhDsaSha2_256f() : Contract(KeyAlgorithm.SlhDsaSha2_256f);

    public sealed class SlhDsaShake128f() : Contract(KeyAlgorithm.SlhDsaShake128f);

    public sealed class SlhDsaShake192f() : Contract(KeyAlgorithm.SlhDsaShake192f);

    public sealed class SlhDsaShake256f() : Contract(KeyAlgorithm.SlhDsaShake256f);

    public sealed class Registry
    {
        [Fact]
        public void EveryFastSetHasItsContract()
        {
            IEnumerable<string> registered = typeof(SlhDsaAlgorithms).GetNestedTypes()
                .Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(AlgorithmContract)))
                .Select(t => t.Name["SlhDsa".Length..].Replace("_", "", StringComparison.Ordinal).ToUpperInvariant());
            IEnumerable<string> expected = NamesOf('f').Select(name =>
                name["SLH-DSA-".Length..].Replace("-", "", StringComparison.Ordinal).ToUpperInvariant());
            Assert.Equal(expected.Order(), registered.Order());
        }

        [Fact]
        public void EveryAlgorithmOfTheFormatHasItsParameterSet()
        {
            IEnumerable<KeyAlgorithm> ids = KeyAlgorithm.All.Where(a => a.Name.StartsWith("slhdsa-", StringComparison.Ordinal));
            Assert.Equal(ids.Select(a => a.Name).Order(), SlhDsaParameters.All.Select(p => p.Id.Name).Order());
            foreach (SlhDsaParameters p in SlhDsaParameters.All)
            {
                Assert.Equal("slhdsa-" + p.Name["SLH-DSA-".Length..].ToLowerInvariant(), p.Id.Name);
                Assert.Equal((p.PublicKeySize, p.PrivateKeySize), (p.Id.PublicKeySize, p.Id.SecretSize));
                Assert.Same(p, SlhDsaParameters.Of(p.Id));
            }
        }

        [Fact]
        public void AnotherAlgorithmIsAnArgumentError() => Assert.Throws<ArgumentException>(() => new ManagedSlhDsaAlgorithm(KeyAlgorithm.Ed25519));
    }
}
