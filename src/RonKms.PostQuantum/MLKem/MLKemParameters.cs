namespace RonKms.PostQuantum.MLKem;

/// <summary>A parameter set of ML-KEM: FIPS 203, section 8, tables 2 and 3.</summary>
/// <remarks>A closed set: one instance a set, compared by reference. Sizes in bytes.</remarks>
internal sealed class MLKemParameters
{
    /// <summary>The size of d, of z, of a message, of a hash and of a shared secret.</summary>
    internal const int SymbolSize = 32;

    /// <summary>The size of the seed d ‖ z.</summary>
    internal const int SeedSize = 2 * SymbolSize;

    /// <summary>The size of a polynomial with 12 bits a coefficient.</summary>
    internal const int EncodedPolynomialSize = 12 * Polynomial.Size / 8;

    /// <summary>The largest k.</summary>
    internal const int MostK = 4;

    /// <summary>The largest ciphertext.</summary>
    internal const int LargestCiphertext = 1568;

    /// <summary>η2, the noise of an encryption, in every set.</summary>
    internal const int Eta2 = 2;

    private MLKemParameters(KeyAlgorithm id, string name, byte oid, int k, int eta1, int du, int dv)
    {
        Id = id;
        Name = name;
        OidNumber = oid;
        K = k;
        Eta1 = eta1;
        Du = du;
        Dv = dv;
    }

    /// <summary>ML-KEM-512, security category 1.</summary>
    internal static MLKemParameters MLKem512 { get; } = new(KeyAlgorithm.MLKem512, "ML-KEM-512", oid: 1, k: 2, eta1: 3, du: 10, dv: 4);

    /// <summary>ML-KEM-768, security category 3.</summary>
    internal static MLKemParameters MLKem768 { get; } = new(KeyAlgorithm.MLKem768, "ML-KEM-768", oid: 2, k: 3, eta1: 2, du: 10, dv: 4);

    /// <summary>ML-KEM-1024, security category 5.</summary>
    internal static MLKemParameters MLKem1024 { get; } = new(KeyAlgorithm.MLKem1024, "ML-KEM-1024", oid: 3, k: 4, eta1: 2, du: 11, dv: 5);

    /// <summary>Every parameter set.</summary>
    internal static IReadOnlyList<MLKemParameters> All { get; } = [MLKem512, MLKem768, MLKem1024];

    /// <summary>The algorithm's name in the sealed format.</summary>
    internal KeyAlgorithm Id { get; }

    /// <summary>The standard's name.</summary>
    internal string Name { get; }

    /// <summary>The last number of the OID under 2.16.840.1.101.3.4.4.</summary>
    internal byte OidNumber { get; }

    /// <summary>k, the rank of the module.</summary>
    internal int K { get; }

    /// <summary>η1, the noise of a secret.</summary>
    internal int Eta1 { get; }

    /// <summary>d_u, the bits of a coefficient of u in a ciphertext.</summary>
    internal int Du { get; }

    /// <summary>d_v, the bits of a coefficient of v in a ciphertext.</summary>
    internal int Dv { get; }

    /// <summary>The size of t̂ (and of ŝ) in a key.</summary>
    internal int EncodedVectorSize => EncodedPolynomialSize * K;

    /// <summary>The size of an encapsulation key.</summary>
    internal int EncapsulationKeySize => EncodedVectorSize + SymbolSize;

    /// <summary>The size of an expanded decapsulation key.</summary>
    internal int DecapsulationKeySize => EncodedVectorSize + EncapsulationKeySize + (2 * SymbolSize);

    /// <summary>The size of u in a ciphertext.</summary>
    internal int CiphertextVectorSize => Du * K * Polynomial.Size / 8;

    /// <summary>The size of a ciphertext.</summary>
    internal int CiphertextSize => CiphertextVectorSize + (Dv * Polynomial.Size / 8);

    /// <summary>Finds the parameter set of an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <returns>The parameter set.</returns>
    /// <exception cref="ArgumentException">The algorithm is not ML-KEM.</exception>
    internal static MLKemParameters Of(KeyAlgorithm id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return All.FirstOrDefault(p => p.Id == id) ?? throw new ArgumentException($"{id} is not an ML-KEM algorithm.", nameof(id));
    }
}
