using RonKms.Algorithms;
using RonKms.PostQuantum.Hybrids;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.MLKem;
using RonKms.PostQuantum.SlhDsa;
using RonKms.PostQuantum.XWing;

namespace RonKms.PostQuantum;

/// <summary>Every algorithm of this package, by provider. A family is a line here.</summary>
internal static class PostQuantumAlgorithms
{
    // One entry a family: given the provider, its algorithms.
    private static readonly Func<PostQuantumProvider, IEnumerable<Algorithm>>[] s_families =
    [
        MLKemFamily.Choose,
        MLDsaFamily.Choose,
        SlhDsaFamily.Choose,
        HybridSignatures.Choose,
        XWingFamily.Choose,
    ];

    /// <summary>The algorithms of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>One implementation an algorithm.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform was asked for and has none; or the machine is big-endian.</exception>
    internal static Algorithm[] All(PostQuantumProvider provider)
    {
        if (!Enum.IsDefined(provider))
        {
            throw new ArgumentOutOfRangeException(nameof(provider));
        }

        // The managed ones take lanes of a vector for little-endian bytes, and on another machine would give wrong results without any error.
        if (!BitConverter.IsLittleEndian && provider != PostQuantumProvider.Platform)
        {
            throw new KmsException(
                KmsError.AlgUnavailable,
                "This machine is big-endian, and the managed post-quantum algorithms are made for little-endian ones: use PostQuantumProvider.Platform.");
        }

        Algorithm[] all = [.. s_families.SelectMany(choose => choose(provider))];
        return all.Length > 0
            ? all
            : throw new KmsException(
                KmsError.AlgUnavailable,
                "The platform has no post-quantum algorithms (on Linux they come with OpenSSL 3.5): use PostQuantumProvider.Auto or Managed.");
    }

    /// <summary>Picks one of a family's two implementations.</summary>
    /// <typeparam name="T">The family's parameter sets.</typeparam>
    /// <param name="provider">The provider.</param>
    /// <param name="isSupported">Whether the platform has the family.</param>
    /// <param name="sets">The parameter sets.</param>
    /// <param name="platform">Makes the platform's implementation of a set.</param>
    /// <param name="managed">Makes the managed implementation of a set.</param>
    /// <returns>One implementation a set, or none where only the platform may serve and does not.</returns>
    internal static IEnumerable<Algorithm> Choose<T>(
        PostQuantumProvider provider, bool isSupported, IEnumerable<T> sets, Func<T, Algorithm> platform, Func<T, Algorithm> managed) =>
        provider switch
        {
            PostQuantumProvider.Managed => sets.Select(managed),
            PostQuantumProvider.Auto => sets.Select(isSupported ? platform : managed),
            PostQuantumProvider.Platform => isSupported ? sets.Select(platform) : [],
            _ => throw new ArgumentOutOfRangeException(nameof(provider)),
        };
}
