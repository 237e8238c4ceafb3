// The platform calls its class experimental until it has been used for a while; what it computes is fixed by FIPS 205.
#pragma warning disable SYSLIB5006

using RonKms.Algorithms;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>An opened SLH-DSA key of the platform: the secret in guarded memory, and platform objects made from it.</summary>
/// <remarks>Several objects, because one is not promised to be thread-safe.</remarks>
internal sealed class PlatformSlhDsaSigningKey : SigningKey
{
    private readonly SecretBytes _secret;
    private readonly HandlePool<Platform.SlhDsa> _handles;
    private readonly int _signatureSize;

    internal PlatformSlhDsaSigningKey(PlatformSlhDsaAlgorithm algorithm, Platform.SlhDsaAlgorithm platform, ReadOnlySpan<byte> secret)
        : base(algorithm)
    {
        _signatureSize = platform.SignatureSizeInBytes;
        _secret = SecretBytes.CopyOf(secret);
        _handles = new HandlePool<Platform.SlhDsa>(() => Platform.SlhDsa.ImportSlhDsaPrivateKey(platform, _secret.Reveal()));
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
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Platform.SlhDsa handle = _handles.Rent();
        try
        {
            handle.SignData(message, destination[.._signatureSize], ManagedSlhDsaAlgorithm.ContextOf(options));
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
        _secret.Dispose();
    }
}
