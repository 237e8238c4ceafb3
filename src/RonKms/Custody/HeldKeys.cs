namespace RonKms.Custody;

/// <summary>Refuses to hold a key twice: under two names it could serve two purposes, or outlive its own destruction.</summary>
/// <remarks>
/// A hybrid is compared by its components, too: Ed25519 signatures made by a half that is also a key of its own would be halves of the
/// hybrid's. Public keys are compared, so what is found is the same secret under the same algorithm, alone or inside a hybrid, in any state.
/// Not found: bytes that serve two algorithms as seeds, symmetric keys (the journal has no digest of them), and components of a version
/// whose record is damaged, which cannot be used either. The journal has the digests of whole public keys; those of components are read from
/// the records of the hybrids that could share one, once each: an import may cost that many reads.
/// </remarks>
internal sealed class HeldKeys
{
    private readonly KeyDirectory _directory;
    private readonly RecordReader _records;

    internal HeldKeys(KeyDirectory directory, RecordReader records)
    {
        _directory = directory;
        _records = records;
    }

    /// <summary>The digests of a hybrid's component public keys, in the algorithm's order.</summary>
    internal static Digest[] ComponentDigests(KeyAlgorithm algorithm, ReadOnlySpan<byte> publicKey)
    {
        Digest[] digests = new Digest[algorithm.Components.Length];
        for (int i = 0; i < digests.Length; i++)
        {
            int size = algorithm.Components[i].PublicKeySize;
            digests[i] = Digest.Of(publicKey[..size]);
            publicKey = publicKey[size..];
        }

        return digests;
    }

    /// <summary>Refuses a key that is held, wholly or in part.</summary>
    /// <param name="id">The new key's name.</param>
    /// <param name="publicKey">Its public key; empty for symmetric keys.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/></exception>
    internal void Refuse(KeyId id, ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.IsEmpty)
        {
            return;
        }

        Digest[] components = ComponentDigests(id.Algorithm, publicKey);
        Digest whole = Digest.Of(publicKey);
        foreach (KeyEntry entry in _directory.Keys)
        {
            foreach (KeyVersion version in entry.Versions)
            {
                if (Holds(version, id.Algorithm, whole))
                {
                    throw Refused($"The key is held already, as {version.Id}");
                }

                for (int i = 0; i < components.Length; i++)
                {
                    if (Holds(version, id.Algorithm.Components[i], components[i]))
                    {
                        throw Refused($"The key's {id.Algorithm.Components[i]} half is held already, as {version.Id}");
                    }
                }
            }
        }
    }

    private static KmsException Refused(string why) => new(KmsError.ImportRefused, $"{why}, whole or as a half. Use that one, or make a new key.");

    /// <summary>Whether a version is a public key, or has it as a component.</summary>
    private bool Holds(KeyVersion version, KeyAlgorithm algorithm, Digest publicKey)
    {
        if (ReferenceEquals(version.Id.Algorithm, algorithm))
        {
            return version.PublicKeyDigest == publicKey;
        }

        int component = version.Id.Algorithm.Components.IndexOf(algorithm, comparer: null);
        return component >= 0 && TryReadComponents(version) is { } digests && digests[component] == publicKey;
    }

    private Digest[]? TryReadComponents(KeyVersion version)
    {
        try
        {
            return _records.ComponentDigests(version);
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            // It cannot be used either, and one damaged record must not stop every import.
            return null;
        }
    }
}
