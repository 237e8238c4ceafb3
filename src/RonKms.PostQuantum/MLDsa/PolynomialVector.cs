namespace RonKms.PostQuantum.MLDsa;

/// <summary>Polynomials one after the other in memory that the caller owns; 256 coefficients of 32 bits each.</summary>
internal readonly ref struct PolynomialVector
{
    /// <summary>The size of a polynomial in bytes.</summary>
    internal const int PolynomialSize = MLDsaParameters.N * sizeof(int);

    /// <summary>Looks at memory as a vector.</summary>
    /// <param name="coefficients">The coefficients of whole polynomials.</param>
    internal PolynomialVector(Span<int> coefficients)
    {
        Coefficients = coefficients;
    }

    /// <summary>All coefficients.</summary>
    internal Span<int> Coefficients { get; }

    /// <summary>How many polynomials there are.</summary>
    internal int Length => Coefficients.Length / MLDsaParameters.N;

    /// <summary>A polynomial.</summary>
    /// <param name="i">Which one.</param>
    internal Span<int> this[int i] => Coefficients.Slice(i * MLDsaParameters.N, MLDsaParameters.N);
}
