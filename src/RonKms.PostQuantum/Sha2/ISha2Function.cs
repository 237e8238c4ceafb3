using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Sha2;

/// <summary>In what SHA-256 and SHA-512 differ: FIPS 180-4, sections 4.1.2, 4.1.3, 4.2.2 and 4.2.3.</summary>
/// <typeparam name="TWord">The word: <see cref="uint"/> or <see cref="ulong"/>.</typeparam>
internal interface ISha2Function<TWord>
    where TWord : unmanaged
{
    /// <summary>K, one a round.</summary>
    static abstract ReadOnlySpan<TWord> RoundConstants { get; }

    /// <summary>Σ₀.</summary>
    static abstract TVector BigSigma0<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : ILanes<TVector, TWord>;

    /// <summary>Σ₁.</summary>
    static abstract TVector BigSigma1<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : ILanes<TVector, TWord>;

    /// <summary>σ₀.</summary>
    static abstract TVector SmallSigma0<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : ILanes<TVector, TWord>;

    /// <summary>σ₁.</summary>
    static abstract TVector SmallSigma1<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : ILanes<TVector, TWord>;
}
