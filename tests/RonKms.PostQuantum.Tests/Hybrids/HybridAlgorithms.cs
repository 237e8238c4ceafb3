using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.Tests.MLDsa;
using RonKms.Testing.Algorithms;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>The registry: the hybrid signatures against the contract of signatures.</summary>
public static class HybridAlgorithms
{
    internal const int Ed25519Size = 64;
    internal const int MLDsa65Size = 3309;

    /// <summary>The names of the hybrids.</summary>
    public static TheoryData<string> Names => [KeyAlgorithm.Ed25519MLDsa65.Name, KeyAlgorithm.CompositeMLDsa65Ed25519.Name];

    internal static SignatureAlgorithm Find(string name) => (SignatureAlgorithm)TestedProvider.Catalog.Find(KeyAlgorithm.FindByName(name)!);

    internal static bool IsEd25519First(KeyAlgorithm hybrid) => hybrid == KeyAlgorithm.Ed25519MLDsa65;

    /// <summary>Takes apart what has a half of either, given how much of it is Ed25519's.</summary>
    internal static (byte[] Ed25519, byte[] MLDsa65) Split(KeyAlgorithm hybrid, byte[] whole, int ed25519Size) =>
        IsEd25519First(hybrid) ? (whole[..ed25519Size], whole[ed25519Size..]) : (whole[^ed25519Size..], whole[..^ed25519Size]);

    internal static byte[] Join(KeyAlgorithm hybrid, byte[] ed25519, byte[] mldsa65) =>
        IsEd25519First(hybrid) ? [.. ed25519, .. mldsa65] : [.. mldsa65, .. ed25519];

    /// <summary>What both halves sign, and the context of the ML-DSA-65 half, written down a second time.</summary>
    internal static (byte[] Signed, byte[] MLDsa65Context) Represent(KeyAlgorithm hybrid, byte[] message, byte[] context)
    {
        if (IsEd25519First(hybrid))
        {
            return (message, "RonKms/ed25519+mldsa65/v1"u8.ToArray());
        }

        byte[] label = "COMPSIG-MLDSA65-Ed25519-SHA512"u8.ToArray();
        return ([.. "CompositeAlgorithmSignatures2025"u8, .. label, (byte)context.Length, .. context, .. SHA512.HashData(message)], label);
    }

    /// <summary>Signs with the ML-DSA-65 half as the standard's internal function does, with randomness of the caller's.</summary>
    internal static byte[] SignMLDsa65(byte[] seed, byte[] message, byte[] context, byte[] rnd)
    {
        MLDsaParameters parameters = MLDsaAlgorithms.Find("ML-DSA-65");
        using MLDsaPrivateKey key = new(parameters);
        MLDsaInternal.KeyGen(seed, key, new byte[parameters.PublicKeySize]);
        byte[] mu = new byte[MLDsaParameters.HashSize];
        FormattedMessage.Pure(message, context).HashTo(key.Tr, mu);
        byte[] signature = new byte[parameters.SignatureSize];
        MLDsaInternal.Sign(key, mu, rnd, signature);
        return signature;
    }

    public sealed class Ed25519MLDsa65() : SignatureAlgorithmContract(KeyAlgorithm.Ed25519MLDsa65, TestedProvider.Catalog)
    {
        protected override IReadOnlyList<HybridPolicy> HybridPolicies => Enum.GetValues<HybridPolicy>();

        protected override bool HasSubjectPublicKeyInfo => false;

        protected override bool HasJwk => false;
    }

    public sealed class CompositeMLDsa65Ed25519() : SignatureAlgorithmContract(KeyAlgorithm.CompositeMLDsa65Ed25519, TestedProvider.Catalog)
    {
        protected override bool HasJwk => false;
    }
}
