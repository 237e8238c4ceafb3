using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>An opened RSA key: PKCS#8 in guarded memory, and platform objects made from it.</summary>
internal sealed class RsaSigningKey : SigningKey
{
    private readonly SecretBytes _pkcs8;
    private readonly HandlePool<RSA> _handles;

    internal RsaSigningKey(RsaAlgorithm algorithm, ReadOnlySpan<byte> pkcs8)
        : base(algorithm)
    {
        _pkcs8 = SecretBytes.CopyOf(pkcs8);
        _handles = new HandlePool<RSA>(Import);
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
        RSA handle = _handles.Rent();
        try
        {
            return handle.SignData(message, destination, HashAlgorithmName.SHA256, RsaAlgorithm.PaddingOf(options));
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
        _pkcs8.Dispose();
    }

    private RSA Import()
    {
        RSA handle = RSA.Create();
        handle.ImportPkcs8PrivateKey(_pkcs8.Reveal(), out _);
        return handle;
    }
}
