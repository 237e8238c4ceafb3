namespace RonKms.Storage;

/// <summary>Builds a store's next generation, which takes the live one's place whole or not at all.</summary>
/// <remarks>One thread at a time. Disposed without a <see cref="Commit"/>, it throws away what was built. A failure before the commit leaves the
/// store as it is and writable.</remarks>
public interface IGenerationBuilder : IDisposable
{
    /// <summary>The generation's number.</summary>
    long Number { get; }

    /// <summary>Adds a journal line.</summary>
    /// <param name="line">The line with its final LF.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    void Append(ReadOnlySpan<byte> line);

    /// <summary>Adds a sealed record.</summary>
    /// <param name="record">The record; each key version once.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    void AddRecord(SealedRecord record);

    /// <summary>Adds what is left of a destroyed version.</summary>
    /// <param name="remains">The version and its record's header.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    void AddRemains(RecordRemoval remains);

    /// <summary>Makes durable what was added, so that <see cref="Commit"/> has less to wait for. Readers of the store go on meanwhile.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    void MakeDurable();

    /// <summary>Makes durable what is not yet so, then puts the description in place, which is the commit point: from then on the store has this
    /// generation. No other call may be under way on the store meanwhile.</summary>
    /// <param name="description">The bytes of store.json.</param>
    /// <param name="firstSeq">The sequence number of the first line.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the outcome is unknown until the store is reopened.</exception>
    void Commit(ReadOnlySpan<byte> description, long firstSeq);
}
