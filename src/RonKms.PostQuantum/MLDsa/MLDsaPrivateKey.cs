using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>A private key ready to sign: what steps 1 to 5 of FIPS 204, algorithm 7 make of it.</summary>
/// <remarks>
/// K, s1, s2 and t0 are in guarded memory, the vectors transformed; the matrix and tr, which follow from the public key, are on the
/// managed heap. Guarded and managed memory of one key: ML-DSA-44 12 and 16 KiB, ML-DSA-65 24 (in slots of 8; 17 used) and 30 KiB,
/// ML-DSA-87 24 (23 used) and 56 KiB. Not changed once it is filled, and then thread-safe.
/// </remarks>
internal sealed class MLDsaPrivateKey : IDisposable
{
    private readonly SecretBytes _k;
    private readonly SecretBytes _s1;
    private readonly SecretBytes _s2;
    private readonly SecretBytes _t0;
    private readonly byte[] _rho = new byte[SeedSize];
    private readonly byte[] _tr = new byte[HashSize];
    private readonly int[] _matrix;

    /// <summary>Creates a key that is yet to be filled.</summary>
    /// <param name="parameters">The parameter set.</param>
    internal MLDsaPrivateKey(MLDsaParameters parameters)
    {
        Parameters = parameters;
        _matrix = new int[ExpandA.MatrixSize(parameters)];
        try
        {
            _k = SecretBytes.Allocate(SeedSize);
            _s1 = SecretBytes.Allocate(parameters.L * PolynomialVector.PolynomialSize);
            _s2 = SecretBytes.Allocate(parameters.K * PolynomialVector.PolynomialSize);
            _t0 = SecretBytes.Allocate(parameters.K * PolynomialVector.PolynomialSize);
        }
        catch
        {
            // Nobody else will give back what was had before memory ran out.
            _k?.Dispose();
            _s1?.Dispose();
            _s2?.Dispose();
            throw;
        }
    }

    /// <summary>The parameter set.</summary>
    internal MLDsaParameters Parameters { get; }

    /// <summary>ρ, the seed of the matrix.</summary>
    internal Span<byte> Rho => _rho;

    /// <summary>K, the seed of the masks.</summary>
    internal Span<byte> K => _k.Reveal();

    /// <summary>tr, the hash of the public key.</summary>
    internal Span<byte> Tr => _tr;

    /// <summary>ŝ1, coefficients from 0 to q − 1.</summary>
    internal PolynomialVector S1 => new(MemoryMarshal.Cast<byte, int>(_s1.Reveal()));

    /// <summary>ŝ2, coefficients from 0 to q − 1.</summary>
    internal PolynomialVector S2 => new(MemoryMarshal.Cast<byte, int>(_s2.Reveal()));

    /// <summary>t̂0, coefficients from 0 to q − 1.</summary>
    internal PolynomialVector T0 => new(MemoryMarshal.Cast<byte, int>(_t0.Reveal()));

    /// <summary>Â, row by row, coefficients from 0 to q − 1.</summary>
    internal Span<int> Matrix => _matrix;

    /// <summary>Wipes the key and keeps its memory.</summary>
    internal void Wipe()
    {
        CryptographicOperations.ZeroMemory(_k.Reveal());
        CryptographicOperations.ZeroMemory(_s1.Reveal());
        CryptographicOperations.ZeroMemory(_s2.Reveal());
        CryptographicOperations.ZeroMemory(_t0.Reveal());
    }

    /// <summary>Wipes the key and gives its memory up.</summary>
    public void Dispose()
    {
        _k.Dispose();
        _s1.Dispose();
        _s2.Dispose();
        _t0.Dispose();
    }
}
