using RonKms.Algorithms;
using RonKms.Sealing;

namespace RonKms.Backends;

/// <summary>The default backend: secrets act in this process, in guarded memory.</summary>
public sealed class SoftwareBackend : KeyBackend
{
    private readonly AlgorithmCatalog _catalog;

    /// <summary>Creates a backend.</summary>
    /// <param name="catalog">The algorithms that it has.</param>
    public SoftwareBackend(AlgorithmCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _catalog = catalog;
    }

    /// <inheritdoc/>
    public override string Name => "software";

    /// <inheritdoc/>
    public override bool Supports(KeyAlgorithm algorithm) => _catalog.TryFind(algorithm, out _);

    /// <inheritdoc/>
    public override GeneratedKey Generate(KeyAlgorithm algorithm)
    {
        Algorithm implementation = _catalog.Find(algorithm);
        SecretBytes secret = implementation.GenerateSecret();
        return Describe(implementation, secret) ?? throw new KmsException(KmsError.Internal, $"A new {algorithm} secret has no public key.");
    }

    /// <inheritdoc/>
    public override GeneratedKey? Import(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        Algorithm implementation = _catalog.Find(algorithm);
        return secret.IsEmpty || secret.Length > implementation.MaxSecretSize ? null : Describe(implementation, SecretBytes.CopyOf(secret));
    }

    /// <inheritdoc/>
    public override OpenedKey? Open(in RecordBody body, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(body.Id);
        if (body.Kind != RecordKind.Secret)
        {
            throw NotOfThisProcess(body.Id);
        }

        Algorithm implementation = _catalog.Find(body.Id.Algorithm);

        // A signature under a wrong public key would give an Ed25519 secret away.
        if (!implementation.IsPublicKeyOf(body.Secret, publicKey))
        {
            return null;
        }

        return implementation switch
        {
            SignatureAlgorithm signature => signature.Open(body.Secret, publicKey),
            KemAlgorithm kem => kem.Open(body.Secret, publicKey),
            AeadAlgorithm aead => aead.Open(body.Secret),
            MacAlgorithm mac => mac.Open(body.Secret),
            _ => throw new KmsException(KmsError.Internal, $"{implementation.Id} is of no known family."),
        };
    }

    private static GeneratedKey? Describe(Algorithm implementation, SecretBytes secret)
    {
        byte[] publicKey = new byte[implementation.Id.PublicKeySize];
        try
        {
            if (implementation.TryGetPublicKey(secret.Reveal(), publicKey))
            {
                return new GeneratedKey(RecordKind.Secret, secret, publicKey);
            }
        }
        catch
        {
            secret.Dispose();
            throw;
        }

        secret.Dispose();
        return null;
    }
}
