using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.XWing;

/// <summary>An opened X-Wing key: ML-KEM-768's opened key and the X25519 scalar in guarded memory; the seed is not kept.</summary>
/// <remarks>Constant time: both halves are always computed, see <see cref="XWingCombiner"/>.</remarks>
internal sealed class XWingDecapsulationKey : DecapsulationKey
{
    private readonly DecapsulationKey _mlkem;
    private readonly SecretBytes _scalar;
    private readonly byte[] _point;

    internal XWingDecapsulationKey(XWingAlgorithm algorithm, KemAlgorithm mlkem, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        Span<byte> expanded = stackalloc byte[ExpandedSeed.Size];
        try
        {
            ExpandedSeed parts = new(seed, expanded);
            _point = publicKey[XWingSizes.MLKemPublicKey..].ToArray();
            _scalar = SecretBytes.CopyOf(parts.Scalar);
            _mlkem = mlkem.Open(parts.MLKemSeed, publicKey[..XWingSizes.MLKemPublicKey]);
        }
        catch
        {
            _scalar?.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expanded);
        }
    }

    /// <inheritdoc/>
    protected override bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        Span<byte> mlkemSecret = stackalloc byte[XWingSizes.SharedSecret];
        ReadOnlySpan<byte> point = ciphertext[XWingSizes.MLKemCiphertext..];
        try
        {
            bool isTaken = _mlkem.TryDecapsulate(ciphertext[..XWingSizes.MLKemCiphertext], mlkemSecret);
            XWingCombiner.Combine(mlkemSecret, _scalar.Reveal(), point, point, _point, sharedSecret);
            return isTaken;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(mlkemSecret);
        }
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _mlkem.Dispose();
        _scalar.Dispose();
    }
}
