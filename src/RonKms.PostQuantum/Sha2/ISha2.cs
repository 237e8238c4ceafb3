namespace RonKms.PostQuantum.Sha2;

/// <summary>A hash function of FIPS 180-4, in pieces. A copy of an instance is a mid-state.</summary>
/// <remarks>Instances may hold what a secret left behind; whoever holds one calls <see cref="Wipe"/>.</remarks>
/// <typeparam name="TSelf">The function itself.</typeparam>
internal interface ISha2<TSelf>
    where TSelf : struct, ISha2<TSelf>
{
    /// <summary>The size of a block in bytes.</summary>
    static abstract int BlockSize { get; }

    /// <summary>The size of the hash in bytes.</summary>
    static abstract int HashSize { get; }

    /// <summary>Starts the function with an empty input.</summary>
    /// <returns>The function.</returns>
    static abstract TSelf Create();

    /// <summary>Takes input in.</summary>
    /// <param name="source">The next piece of the input.</param>
    void Append(ReadOnlySpan<byte> source);

    /// <summary>Ends the input. The instance is of no further use.</summary>
    /// <param name="destination">Receives the hash, or as much of its beginning as fits.</param>
    void Finish(Span<byte> destination);

    /// <summary>Wipes the state and what is buffered.</summary>
    void Wipe();
}
