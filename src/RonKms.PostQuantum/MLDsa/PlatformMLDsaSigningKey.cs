using RonKms.Algorithms;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>An opened ML-DSA key of the platform: the seed in guarded memory, and platform objects made from it.</summary>
internal sealed class PlatformMLDsaSigningKey : SigningKey
{
    private readonly SecretBytes _seed;
    private readonly HandlePool<Platform.MLDsa> _handles;
    private readonly int _signatureSize;

    internal PlatformMLDsaSigningKey(
        PlatformMLDsaAlgorithm algorithm, Platform.MLDsaAlgorithm platform, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        _signatureSize = platform.SignatureSizeInBytes;
        _seed = SecretBytes.CopyOf(seed);
        _handles = new HandlePool<Platform.MLDsa>(() => Platform.MLDsa.ImportMLDsaPrivateSeed(platform, _seed.Reveal()));
        try
        {
            Span<byte> computed = stackalloc byte[platform.PublicKeySizeInBytes];
            Platform.MLDsa first = _handles.Rent();
            try
            {
                first.ExportMLDsaPublicKey(computed);
            }
            finally
            {
                _handles.Return(first);
            }

            if (!computed.SequenceEqual(publicKey))
            {
                throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));
            }
        }
        catch
        {
            Wipe();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Platform.MLDsa handle = _handles.Rent();
        try
        {
            handle.SignData(message, destination[.._signatureSize], ManagedMLDsaAlgorithm.ContextOf(options));
            return _signatureSize;
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
