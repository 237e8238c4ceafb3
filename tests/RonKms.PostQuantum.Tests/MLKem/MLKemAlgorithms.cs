using RonKms.PostQuantum.MLKem;
using RonKms.Testing.Algorithms;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>The registry: the three parameter sets against the contract of key encapsulation.</summary>
public static class MLKemAlgorithms
{
    /// <summary>Finds a managed implementation by the standard's name.</summary>
    /// <param name="name">The name, as "ML-KEM-768".</param>
    /// <returns>The implementation.</returns>
    internal static ManagedMLKemAlgorithm Find(string name) =>
        new(MLKemParameters.All.Single(parameters => parameters.Name == name).Id);

    public abstract class Contract(KeyAlgorithm id) : KemAlgorithmContract(id, TestedProvider.Catalog)
    {
        // Section 7.2: a coefficient that is q or more, at either end and in between.
        protected override IReadOnlyList<byte[]> UnusablePublicKeys
        {
            get
            {
                byte[] publicKey = PublicKeyOf(TakeSecret());
                int vector = publicKey.Length - 32;
                byte[] first = [.. publicKey];
                first[0] = 0x01;
                first[1] = (byte)((first[1] & 0xF0) | 0x0D);
                byte[] middle = [.. publicKey];
                middle[vector / 2] = 0xFF;
                middle[(vector / 2) + 1] |= 0x0F;
                byte[] last = [.. publicKey];
                last[vector - 1] = 0xFF;
                return [first, middle, last, Enumerable.Repeat((byte)0xFF, publicKey.Length).ToArray()];
            }
        }
    }

    public sealed class MLKem512() : Contract(KeyAlgorithm.MLKem512);

    public sealed class MLKem768() : Contract(KeyAlgorithm.MLKem768);

    public sealed class MLKem1024() : Contract(KeyAlgorithm.MLKem1024);
}
