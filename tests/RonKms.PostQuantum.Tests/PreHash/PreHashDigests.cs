using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.Tests.PreHash;

/// <summary>Digests under the hash functions of the test vectors, by their names there.</summary>
internal static class PreHashDigests
{
    internal static PreHashFunction Function(string name) => PreHashFunction.All.Single(f => f.Name == name);

    internal static byte[] Hash(PreHashFunction function, byte[] message)
    {
        byte[] digest = new byte[function.DigestSize];
        switch (function.Name)
        {
            case "SHA2-224":
                return TruncatedSha2.Hash224(message);
            case "SHA2-256":
                return SHA256.HashData(message);
            case "SHA2-384":
                return SHA384.HashData(message);
            case "SHA2-512":
                return SHA512.HashData(message);
            case "SHA2-512/224":
                return TruncatedSha2.Hash512To224(message);
            case "SHA2-512/256":
                return TruncatedSha2.Hash512To256(message);
            case "SHA3-224":
                Sha3.Hash224(message, digest);
                return digest;
            case "SHA3-256":
                Sha3.Hash256(message, digest);
                return digest;
            case "SHA3-384":
                Sha3.Hash384(message, digest);
                return digest;
            case "SHA3-512":
                Sha3.Hash512(message, digest);
                return digest;
            case "SHAKE-128":
                Shake.Hash128(message, digest);
                return digest;
            case "SHAKE-256":
                Shake.Hash256(message, digest);
                return digest;
            default:
                throw new ArgumentException(function.Name, nameof(function));
        }
    }
}
