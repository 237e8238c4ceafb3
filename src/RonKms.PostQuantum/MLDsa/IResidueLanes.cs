namespace RonKms.PostQuantum.MLDsa;

/// <summary>Coefficients worked on side by side: what the transforms need of a vector.</summary>
/// <remarks>
/// The transforms are written once over this. Every width gives the same integers. Constant time: additions, multiplications and shifts.
/// </remarks>
/// <typeparam name="TVector">The coefficients.</typeparam>
internal interface IResidueLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>The same coefficient in every lane.</summary>
    static abstract TVector Broadcast(int value);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a − b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a · b · 2^-32 mod q by Montgomery's reduction, below q in absolute value, for a · b below 2^31·q.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>Σ a[i] · b[i] · 2^-32 mod q, the same way.</summary>
    /// <param name="a">Vectors, of which each <paramref name="step"/>th counts.</param>
    /// <param name="b">As many.</param>
    /// <param name="step">From one to the next.</param>
    static abstract TVector InnerProduct(ReadOnlySpan<TVector> a, ReadOnlySpan<TVector> b, int step);

    /// <summary>The lanes of a and b in turns.</summary>
    /// <param name="a">One vector; receives the first half.</param>
    /// <param name="b">Another; receives the second half.</param>
    static abstract void Interleave(ref TVector a, ref TVector b);
}
