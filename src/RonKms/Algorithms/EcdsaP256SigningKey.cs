using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>An opened P-256 key: the scalar in guarded memory, and platform objects made from it.</summary>
internal sealed class EcdsaP256SigningKey : SigningKey
{
    private readonly SecretBytes _scalar;
    private readonly byte[] _publicKey;
    private readonly HandlePool<ECDsa> _handles;

    internal EcdsaP256SigningKey(EcdsaP256Algorithm algorithm, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        _scalar = SecretBytes.CopyOf(scalar);
        _publicKey = publicKey.ToArray();
        _handles = new HandlePool<ECDsa>(() => P256.CreatePrivate(_scalar.Reveal(), _publicKey));
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
        if (options?.EcdsaEncoding != EcdsaEncoding.Der)
        {
            return SignFixed(message, destination);
        }

        Span<byte> signature = stackalloc byte[EcdsaP256Algorithm.FixedSignatureSize];
        SignFixed(message, signature);
        return EcdsaDer.Encode(signature, destination);
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _handles.Dispose();
        _scalar.Dispose();
    }

    private int SignFixed(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        ECDsa handle = _handles.Rent();
        try
        {
            return handle.SignData(
                message, destination, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _handles.Return(handle);
        }
    }
}
