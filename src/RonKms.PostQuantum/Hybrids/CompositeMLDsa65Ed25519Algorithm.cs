using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.Hybrids;

/// <summary>The composite signature id-MLDSA65-Ed25519-SHA512: one signature, good only where both halves are.</summary>
/// <remarks>
/// Public key: ML-DSA-65's 1952 bytes ‖ Ed25519's 32. Secret: ML-DSA-65's seed ‖ Ed25519's, 32 bytes each. Signature, 3373 bytes: ML-DSA-65's,
/// 3309 ‖ Ed25519's, 64. A context has at most 255 bytes. Both halves sign M′, which begins with the scheme's prefix and label: neither is a
/// signature of the message by itself, so that none can be taken out. The message is hashed with SHA-512 first.
/// Source: draft-ietf-lamps-pq-composite-sigs, whose section 3 has the algorithms.
/// </remarks>
public sealed class CompositeMLDsa65Ed25519Algorithm : HybridSignatureAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    /// <param name="ed25519">The implementation of Ed25519.</param>
    /// <param name="mldsa65">The implementation of ML-DSA-65, managed or the platform's.</param>
    public CompositeMLDsa65Ed25519Algorithm(SignatureAlgorithm ed25519, SignatureAlgorithm mldsa65)
        : base(KeyAlgorithm.CompositeMLDsa65Ed25519, ed25519, mldsa65, isEd25519First: false, Label)
    {
    }

    /// <inheritdoc/>
    public override bool HasContext => true;

    /// <inheritdoc/>
    private protected override int RepresentativeMaxSize => Prefix.Length + Label.Length + 1 + byte.MaxValue + SHA512.HashSizeInBytes;

    // The AlgorithmIdentifier of id-MLDSA65-Ed25519-SHA512, 1.3.6.1.5.5.7.6.48, without parameters.
    private static ReadOnlySpan<byte> AlgorithmIdentifier => [0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x06, 0x30];

    private static ReadOnlySpan<byte> Prefix => "CompositeAlgorithmSignatures2025"u8;

    private static ReadOnlySpan<byte> Label => "COMPSIG-MLDSA65-Ed25519-SHA512"u8;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => SubjectPublicKeyInfo.Export(AlgorithmIdentifier, publicKey);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: no standard has one yet.</exception>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) => throw new NotSupportedException(
        $"No standard has a JSON Web Key of {Id} keys yet. Export the SubjectPublicKeyInfo.");

    /// <inheritdoc/>
    /// <remarks>The octet string holds the 64 bytes of the secret as they are.</remarks>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, AlgorithmIdentifier, out ReadOnlySpan<byte> secret, out ReadOnlySpan<byte> attached))
        {
            return null;
        }

        Span<byte> publicKey = stackalloc byte[Id.PublicKeySize];
        bool isConsistent = TryGetPublicKey(secret, publicKey) && (attached.IsEmpty || attached.SequenceEqual(publicKey));
        return isConsistent ? SecretBytes.CopyOf(secret) : null;
    }

    /// <inheritdoc/>
    /// <remarks>M′ = Prefix ‖ Label ‖ |ctx| ‖ ctx ‖ SHA-512(M): step 2 of signing and of verification.</remarks>
    private protected override ReadOnlySpan<byte> Represent(ReadOnlySpan<byte> message, SignOptions? options, Span<byte> room)
    {
        ReadOnlySpan<byte> context = options is null ? default : options.Context.Span;
        Span<byte> rest = room;
        Append(Prefix, ref rest);
        Append(Label, ref rest);
        Append([(byte)context.Length], ref rest);
        Append(context, ref rest);
        rest = rest[SHA512.HashData(message, rest)..];
        return room[..^rest.Length];

        static void Append(scoped ReadOnlySpan<byte> part, ref Span<byte> rest)
        {
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }
    }
}
