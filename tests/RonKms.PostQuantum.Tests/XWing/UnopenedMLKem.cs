using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>An ML-KEM-768 whose keys cannot be opened.</summary>
internal sealed class UnopenedMLKem(KemAlgorithm inner) : KemAlgorithm(KeyAlgorithm.MLKem768)
{
    public override string Provider => inner.Provider;

    public override int CiphertextSize => inner.CiphertextSize;

    public override int SharedSecretSize => inner.SharedSecretSize;

    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using SecretBytes made = inner.GenerateSecret();
        made.Reveal().CopyTo(secret);
        return made.Length;
    }

    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => inner.TryGetPublicKey(secret, publicKey);

    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => inner.IsValidPublicKey(publicKey);

    protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        throw new InsufficientMemoryException("there is none");

    protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        inner.Encapsulate(publicKey, ciphertext, sharedSecret);
        return true;
    }
}
