using RonKms.Algorithms;
using Platform = System.Security.Cryptography.MLKem;

namespace RonKms.PostQuantum.MLKem;

/// <summary>An opened ML-KEM key of the platform: the seed in guarded memory, and platform objects made from it.</summary>
/// <remarks>Several objects, because one is not promised to be thread-safe. Constant time as far as the platform's implementation is.</remarks>
internal sealed class PlatformMLKemDecapsulationKey : DecapsulationKey
{
    private readonly SecretBytes _seed;
    private readonly HandlePool<Platform> _handles;

    internal PlatformMLKemDecapsulationKey(PlatformMLKemAlgorithm algorithm, ReadOnlySpan<byte> seed)
        : base(algorithm)
    {
        SecretBytes copy = SecretBytes.CopyOf(seed);
        _seed = copy;
        _handles = new HandlePool<Platform>(() => algorithm.ImportSecret(copy.Reveal()));
        try
        {
            _handles.Return(_handles.Rent());
        }
        catch
        {
            Wipe();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        Platform handle = _handles.Rent();
        try
        {
            handle.Decapsulate(ciphertext, sharedSecret);
            return true;
        }
        finally
        {
            _handles.Return(handle);
        }
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _handles.Dispose();
        _seed.Dispose();
    }
}
