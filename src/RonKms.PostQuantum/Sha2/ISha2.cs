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

    /// <summary>How many inputs <see cref="FinishLanes"/> takes.</summary>
    static abstract int LaneCount { get; }

    /// <summary>Starts the function with an empty input.</summary>
    /// <returns>The function.</returns>
    static abstract TSelf Create();

    /// <summary>Takes input in.</summary>
    /// <param name="source">The next piece of the input.</param>
    void Append(ReadOnlySpan<byte> source);

    /// <summary>Ends the input. The instance is of no further use.</summary>
    /// <param name="destination">Receives the hash, or as much of its beginning as fits.</param>
    void Finish(Span<byte> destination);

    /// <summary>Ends inputs that begin like this one, side by side. The instance stays as it is.</summary>
    /// <param name="prefixes">What comes next in each, one after the other; shorter than a block.</param>
    /// <param name="messages">What comes last in each, the same size for all, one after the other.</param>
    /// <param name="count">How many inputs there are, at most <see cref="Sha2Lanes{TWord, TFunction}.Count"/>.</param>
    /// <param name="destinations">Receives the hashes or their beginnings, one after the other; may be the messages themselves.</param>
    /// <param name="room">Working memory of <see cref="Sha2Lanes{TWord, TFunction}.Room"/> bytes, aligned for words; the caller wipes it.</param>
    /// <exception cref="InvalidOperationException">What was taken in so far does not end with a block.</exception>
    void FinishLanes(ReadOnlySpan<byte> prefixes, ReadOnlySpan<byte> messages, int count, Span<byte> destinations, Span<byte> room);

    /// <summary>Wipes the state and what is buffered.</summary>
    void Wipe();
}
