using RonKms.Custody;

namespace RonKms.Tests;

public sealed class KeyAlgorithmTests
{
    [Fact]
    public void A_hybrids_public_key_is_those_of_its_components_one_after_the_other()
    {
        KeyAlgorithm[] hybrids = [.. KeyAlgorithm.All.Where(algorithm => algorithm.IsHybrid)];

        Assert.Equal([KeyAlgorithm.XWing, KeyAlgorithm.Ed25519MLDsa65, KeyAlgorithm.CompositeMLDsa65Ed25519], hybrids);
        Assert.Equal([KeyAlgorithm.MLKem768, KeyAlgorithm.X25519], KeyAlgorithm.XWing.Components.ToArray());
        Assert.Equal([KeyAlgorithm.Ed25519, KeyAlgorithm.MLDsa65], KeyAlgorithm.Ed25519MLDsa65.Components.ToArray());
        Assert.Equal([KeyAlgorithm.MLDsa65, KeyAlgorithm.Ed25519], KeyAlgorithm.CompositeMLDsa65Ed25519.Components.ToArray());
        foreach (KeyAlgorithm hybrid in hybrids)
        {
            byte[] publicKey = [.. Enumerable.Range(0, hybrid.PublicKeySize).Select(i => (byte)(i * 7))];
            int first = hybrid.Components[0].PublicKeySize;
            Assert.Equal(hybrid.PublicKeySize, first + hybrid.Components[1].PublicKeySize);
            Assert.Equal([Digest.Of(publicKey.AsSpan(0, first)), Digest.Of(publicKey.AsSpan(first))], HeldKeys.ComponentDigests(hybrid, publicKey));
        }
    }

    [Fact]
    public void Classical_only_are_the_asymmetric_algorithms_without_a_post_quantum_half() => Assert.Equal(
        ["ed25519", "x25519", "p256", "rsa2048", "rsa3072", "rsa4096"],
        KeyAlgorithm.All.Where(algorithm => algorithm.IsClassicalOnly).Select(algorithm => algorithm.Name));
}
