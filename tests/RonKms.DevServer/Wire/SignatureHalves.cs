using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Wire;

/// <summary>The separable hybrid's signature, 64 bytes of Ed25519 and then ML-DSA-65's, as the two signatures that go over the wire.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 5.</remarks>
internal static class SignatureHalves
{
    private const int Ed25519Size = 64;
    private const int MLDsa65Size = 3309;

    internal static bool HasTwo(KeyAlgorithm algorithm) => ReferenceEquals(algorithm, KeyAlgorithm.Ed25519MLDsa65);

    internal static IEnumerable<WireSignature> Split(KeyId key, byte[] signature) => HasTwo(key.Algorithm)
        ?
        [
            new(WireAlgorithm.Ed25519, signature[..Ed25519Size], Kid: key.ToString()),
            new(WireAlgorithm.MLDsa, signature[Ed25519Size..], Hybrid: true, key.ToString()),
        ]
        : [new(WireAlgorithm.NameOf(key.Algorithm), signature, key.Algorithm.IsHybrid ? true : null, key.ToString())];

    /// <summary>Puts together what belongs to one key. A half that was not sent stays zero and verifies as no signature does.</summary>
    internal static byte[] Join(KeyAlgorithm algorithm, IReadOnlyList<WireSignature> parts)
    {
        if (!HasTwo(algorithm))
        {
            return parts is [{ } whole] && WireAlgorithm.Fits(algorithm, whole.Alg) ? whole.SigB3 : throw new ProblemException(Problem.Malformed("sigs"));
        }

        WireSignature[] classical = [.. parts.Where(part => part.Alg.Equals(WireAlgorithm.Ed25519, StringComparison.OrdinalIgnoreCase))];
        WireSignature[] postQuantum = [.. parts.Except(classical).Where(part => WireAlgorithm.Fits(algorithm, part.Alg))];
        if (classical.Length > 1 || postQuantum.Length > 1 || classical.Length + postQuantum.Length != parts.Count)
        {
            throw new ProblemException(Problem.Malformed("sigs"));
        }

        byte[] joined = new byte[Ed25519Size + MLDsa65Size];
        Place(classical, joined.AsSpan(0, Ed25519Size));
        Place(postQuantum, joined.AsSpan(Ed25519Size));
        return joined;
    }

    // One of a wrong length is no signature: it stays zero.
    private static void Place(WireSignature[] parts, Span<byte> destination)
    {
        if (parts is [{ } part] && part.SigB3.Length == destination.Length)
        {
            part.SigB3.CopyTo(destination);
        }
    }
}
