using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>A parameter set's two implementations, and a key that both have made of one secret.</summary>
/// <typeparam name="T">The kind of algorithm.</typeparam>
internal sealed class KeyPair<T>
    where T : Algorithm
{
    private KeyPair(T managed, T platform, byte[] secret)
    {
        Managed = managed;
        Platform = platform;
        Secret = secret;
        PublicKey = PublicKeyBy(managed);
        Assert.Equal(PublicKey, PublicKeyBy(platform));
    }

    /// <summary>The managed implementation.</summary>
    internal T Managed { get; }

    /// <summary>The platform's implementation.</summary>
    internal T Platform { get; }

    /// <summary>Both, as the one who does and the one who checks, either way round.</summary>
    internal (T One, T Other)[] BothWays => [(Managed, Platform), (Platform, Managed)];

    /// <summary>The secret. A test's own: it lies in ordinary memory.</summary>
    internal byte[] Secret { get; }

    /// <summary>The public key, equal by both.</summary>
    internal byte[] PublicKey { get; }

    /// <summary>Takes a secret.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="secret">The secret.</param>
    /// <returns>The pair.</returns>
    internal static KeyPair<T> Of(KeyAlgorithm id, byte[] secret) =>
        new(Find(id, PostQuantumProvider.Managed), Find(id, PostQuantumProvider.Platform), secret);

    /// <summary>Generates a secret, by either implementation in turn.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="round">Even for the platform.</param>
    /// <returns>The pair.</returns>
    internal static KeyPair<T> Generate(KeyAlgorithm id, int round = 0)
    {
        using SecretBytes secret = Find(id, round % 2 == 0 ? PostQuantumProvider.Platform : PostQuantumProvider.Managed).GenerateSecret();
        return Of(id, secret.Reveal().ToArray());
    }

    private static T Find(KeyAlgorithm id, PostQuantumProvider provider) => (T)PostQuantumAlgorithms.All(provider).Single(a => a.Id == id);

    private byte[] PublicKeyBy(T algorithm)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(Secret, publicKey));
        return publicKey;
    }
}
