using System.Diagnostics.CodeAnalysis;

namespace RonKms.PostQuantum.Lanes;

/// <summary>Words of 32 or 64 bits worked on side by side, one a lane: what the hash functions need of a vector.</summary>
/// <remarks>
/// Their kernels are written once over this and compiled for every width, one lane included. Constant time: each member is one or a few
/// vector instructions, whose time does not depend on what is in the words.
/// </remarks>
/// <typeparam name="TVector">The words.</typeparam>
/// <typeparam name="TWord">One of them, <see cref="uint"/> or <see cref="ulong"/>.</typeparam>
internal interface ILanes<TVector, TWord>
    where TVector : struct
    where TWord : unmanaged
{
    /// <summary>The same word in every lane.</summary>
    static abstract TVector Broadcast(TWord word);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a ⊕ b.</summary>
    static abstract TVector Xor(TVector a, TVector b);

    /// <summary>a ⊕ b ⊕ c.</summary>
    static abstract TVector Xor(TVector a, TVector b, TVector c);

    /// <summary>a ⊕ (¬b ∧ c).</summary>
    static abstract TVector XorAndNot(TVector a, TVector b, TVector c);

    /// <summary>The bits of b where those of a are set, of c elsewhere.</summary>
    static abstract TVector Choose(TVector a, TVector b, TVector c);

    /// <summary>The bits that most of a, b and c have.</summary>
    static abstract TVector Majority(TVector a, TVector b, TVector c);

    /// <summary>Rotates to the right by a constant.</summary>
    static abstract TVector RotateRight(TVector a, [ConstantExpected] byte bits);

    /// <summary>Shifts to the right by a constant.</summary>
    static abstract TVector ShiftRight(TVector a, [ConstantExpected] byte bits);
}
