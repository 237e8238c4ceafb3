using RonKms.Algorithms;
using RonKms.PostQuantum.XWing;
using RonKms.Testing.Algorithms;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>The registry: X-Wing against the contract of key encapsulation.</summary>
public static class XWingAlgorithms
{
    /// <summary>X-Wing over the managed ML-KEM-768.</summary>
    internal static XWingAlgorithm Managed { get; } = Of(PostQuantumProvider.Managed);

    /// <summary>X-Wing over a provider's ML-KEM-768.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>The implementation.</returns>
    internal static XWingAlgorithm Of(PostQuantumProvider provider) => PostQuantumAlgorithms.All(provider).OfType<XWingAlgorithm>().Single();

    /// <summary>The public key of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <returns>1216 bytes.</returns>
    internal static byte[] PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        byte[] publicKey = new byte[KeyAlgorithm.XWing.PublicKeySize];
        Assert.True(Managed.TryGetPublicKey(seed, publicKey));
        return publicKey;
    }

    public sealed class Contract() : KemAlgorithmContract(
        KeyAlgorithm.XWing, AlgorithmCatalog.Classical.With(PostQuantumAlgorithms.All(PostQuantumProvider.Auto)))
    {
        protected override bool HasJwk => false;

        // FIPS 203, section 7.2: a coefficient that is q or more. Every X25519 half can be used.
        protected override IReadOnlyList<byte[]> UnusablePublicKeys
        {
            get
            {
                byte[] first = PublicKeyOf(TakeSecret());
                byte[] last = [.. first];
                first[0] = 0x01;
                first[1] = (byte)((first[1] & 0xF0) | 0x0D);
                last[1184 - 32 - 1] = 0xFF;
                return [first, last, Enumerable.Repeat((byte)0xFF, first.Length).ToArray()];
            }
        }
    }
}
