using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>An opened SLH-DSA key: the private key of the standard, in guarded memory.</summary>
internal sealed class SlhDsaSigningKey : SigningKey
{
    private readonly SlhDsaScheme _scheme;
    private readonly SecretBytes _privateKey;

    internal SlhDsaSigningKey(ManagedSlhDsaAlgorithm algorithm, SlhDsaScheme scheme, ReadOnlySpan<byte> privateKey)
        : base(algorithm)
    {
        _scheme = scheme;
        _privateKey = SecretBytes.CopyOf(privateKey);
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        SlhDsaParameters p = _scheme.Parameters;
        Span<byte> addrnd = stackalloc byte[SlhDsaParameters.MaxN];
        addrnd = addrnd[..p.N];
        try
        {
            Entropy.Fill(addrnd);
            Span<byte> signature = destination[..p.SignatureSize];
            _scheme.Sign(message, ManagedSlhDsaAlgorithm.ContextOf(options), _privateKey.Reveal(), addrnd, signature);
            return p.SignatureSize;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(addrnd);
        }
    }

    /// <inheritdoc/>
    protected override void Wipe() => _privateKey.Dispose();
}
