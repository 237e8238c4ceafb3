namespace RonKms.PostQuantum.MLKem;

/// <summary>An encapsulation key made ready for use: Â and t̂, over room that the caller owns.</summary>
/// <remarks>All of it is public. Room: <see cref="RoomOf"/> words of 16 bits: 3, 6 and 10 KiB.</remarks>
internal readonly ref struct EncapsulationKey
{
    /// <summary>The room of the largest parameter set, in words.</summary>
    internal const int LargestRoom = ((MLKemParameters.MostK * MLKemParameters.MostK) + MLKemParameters.MostK) * Polynomial.Size;

    /// <summary>Lays a key over its room.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="room">The room, of at least <see cref="RoomOf"/> words.</param>
    internal EncapsulationKey(MLKemParameters parameters, Span<short> room)
    {
        Parameters = parameters;
        int matrix = parameters.K * parameters.K * Polynomial.Size;
        Matrix = room[..matrix];
        T = room.Slice(matrix, parameters.K * Polynomial.Size);
    }

    /// <summary>The parameter set.</summary>
    internal MLKemParameters Parameters { get; }

    /// <summary>Â, row by row.</summary>
    internal Span<short> Matrix { get; }

    /// <summary>t̂, representatives nearest to zero.</summary>
    internal Span<short> T { get; }

    /// <summary>How many words a parameter set needs.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <returns>(k² + k) · 256.</returns>
    internal static int RoomOf(MLKemParameters parameters) => ((parameters.K * parameters.K) + parameters.K) * Polynomial.Size;

    /// <summary>Fills the room from the encoded key: steps 2 to 8 of algorithm 14, with the modulus check of FIPS 203, section 7.2.</summary>
    /// <param name="encoded">The encapsulation key, of the exact size.</param>
    /// <returns>Whether every coefficient of t̂ is below q. If not, the room is filled all the same, modulo q.</returns>
    internal bool TryDecode(ReadOnlySpan<byte> encoded)
    {
        bool isReduced = Packing.TryDecode(encoded[..Parameters.EncodedVectorSize], T);
        MatrixSampler.Sample(Parameters.K, encoded[Parameters.EncodedVectorSize..], Matrix);
        return isReduced;
    }
}
