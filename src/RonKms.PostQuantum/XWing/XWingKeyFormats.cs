using RonKms.Algorithms;
using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.XWing;

/// <summary>X-Wing keys in X.509 and PKCS#8: draft-connolly-cfrg-xwing-kem-10, section 5.8.</summary>
/// <remarks>Constant time: control flow depends on lengths and tags.</remarks>
internal static class XWingKeyFormats
{
    // id-XWing, 1.3.6.1.4.1.62253.25722, and no parameters.
    private static ReadOnlySpan<byte> AlgorithmIdentifier =>
        [0x30, 0x0D, 0x06, 0x0B, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xE6, 0x2D, 0x81, 0xC8, 0x7A];

    /// <summary>Encodes a public key as SubjectPublicKeyInfo.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>The DER encoding.</returns>
    internal static byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => SubjectPublicKeyInfo.Export(AlgorithmIdentifier, publicKey);

    /// <summary>Reads the seed out of PKCS#8.</summary>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The seed, or <see langword="null"/> where the encoding is malformed, or has a public key: the draft wants none.</returns>
    internal static SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) =>
        Pkcs8.TryRead(pkcs8, AlgorithmIdentifier, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> attached)
            && seed.Length == XWingSizes.Seed
            && attached.IsEmpty
            ? SecretBytes.CopyOf(seed)
            : null;
}
