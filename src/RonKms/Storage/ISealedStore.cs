namespace RonKms.Storage;

/// <summary>Where sealed bytes lie. Knows bytes, sequence numbers and ids; never algorithms or keys.</summary>
/// <remarks>
/// One writer: the keystore calls the writing members one at a time. The reading members may be called by any number of
/// threads at once, also while a commit is under way. All lines of a commit appear together, and the records that they name are there by
/// then; a record that is being removed is there whole or not at all.
/// A store is opened in this order: <see cref="ReadDescription"/>, then either <see cref="Create"/>, or <see cref="UseGeneration"/>,
/// <see cref="ReadJournal"/> from 0 and <see cref="Settle"/>; only then <see cref="Commit"/>. Another order gives <see cref="InvalidOperationException"/>.
/// Failures are <see cref="KmsException"/>s: <see cref="KmsError.StoreFailed"/> for I/O, <see cref="KmsError.PermissionsTooWide"/>,
/// <see cref="KmsError.StoreLocked"/>. After a failed write every later write gives <see cref="KmsError.StoreFailed"/> until the store is reopened.
/// A store may be opened to be read alone, beside another process that writes to it: then the writing members give
/// <see cref="InvalidOperationException"/>, and <see cref="Settle"/> only takes note.
/// </remarks>
public interface ISealedStore : IDisposable
{
    /// <summary>The place, for messages: <c>memory:</c>, <c>file:PATH</c>.</summary>
    string Location { get; }

    /// <summary>Whether what is stored is gone when the process ends.</summary>
    bool IsVolatile { get; }

    /// <summary>Reads the store's description (store.json).</summary>
    /// <returns>Its bytes, or <see langword="null"/> where there is no store.</returns>
    byte[]? ReadDescription();

    /// <summary>Reads the description that is to take the other's place (store.json.next): what a change of the key-encryption key that was
    /// cut short left behind.</summary>
    /// <returns>Its bytes, or <see langword="null"/> where there is none.</returns>
    byte[]? ReadNextDescription();

    /// <summary>Makes a description durable beside the live one.</summary>
    /// <param name="description">The bytes of store.json.next.</param>
    void WriteNextDescription(ReadOnlySpan<byte> description);

    /// <summary>Puts the description that lies beside the live one in its place, durably.</summary>
    void InstallNextDescription();

    /// <summary>Removes the description that lies beside the live one, where there is one.</summary>
    void DropNextDescription();

    /// <summary>Begins to build a generation beside the live one, or where there is none; what an earlier attempt left is thrown away.</summary>
    /// <param name="atLeast">The number that it has at least; it is also above that of every generation known here.</param>
    /// <returns>What builds it. Nothing of it counts before its <see cref="IGenerationBuilder.Commit"/>; the caller disposes it.</returns>
    IGenerationBuilder BuildGeneration(long atLeast);

    /// <summary>Removes the records of the generations before the live one and keeps their journals aside. A record of a version of which the live
    /// one has nothing was damaged, or nobody named it: it is moved aside. <see cref="Settle"/> does it where it was cut short.</summary>
    /// <param name="keepRecords">Whether they are moved aside as they are, journals too, because nobody could read them.</param>
    /// <param name="destroyed">The versions whose records go in any case.</param>
    void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed);

    /// <summary>Reads whatever journals lie there, one at a time and as they are: of every generation, finished or not, and those kept aside.
    /// Where a generation has none, its bytes are empty.</summary>
    /// <remarks>For a restore. A store that has one generation at a time and keeps nothing aside need not give any.</remarks>
    /// <returns>The journals, in no order.</returns>
    IEnumerable<StoredJournal> ReadJournals() => [];

    /// <summary>Keeps the descriptions aside, live and next, as they are: a restore replaces what it could not read. A store that keeps nothing
    /// aside need not.</summary>
    void KeepDescriptions()
    {
    }

    /// <summary>Makes a store where there is none: the first journal line, then the description, which is the commit point.</summary>
    /// <param name="description">The bytes of store.json.</param>
    /// <param name="firstLine">The journal's first line with its final LF.</param>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the place is not empty, or cannot be written.</exception>
    void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine);

    /// <summary>Says which generation the description names as the live one. Called before anything else is read; <see cref="Create"/> makes
    /// generation 1 and uses it.</summary>
    /// <param name="generation">The generation's number, from 1.</param>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: its journal is missing.</exception>
    void UseGeneration(long generation);

    /// <summary>Reads the journal of the live generation from a line on.</summary>
    /// <param name="afterSeq">The sequence number after which to begin, at most the head's; 0 for the whole journal. In a later generation other
    /// numbers than 0 are known only once the store is settled.</param>
    /// <returns>The raw bytes to the end of the journal, unchecked. In a store that is only read the end is the one it has by now, perhaps in the
    /// middle of a line; there one thread at a time reads the journal.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>: the store is only read, and its journal became shorter than it was.</exception>
    JournalTail ReadJournal(long afterSeq);

    /// <summary>Reads one journal line.</summary>
    /// <param name="seq">Its sequence number, one that was read or committed before.</param>
    /// <returns>The line without its LF.</returns>
    byte[] ReadLine(long seq);

    /// <summary>Lists the versions that have a sealed record, in no order. Files that are not records are left out.</summary>
    /// <returns>The ids.</returns>
    IEnumerable<(Guid Key, uint Version)> ListRecords();

    /// <summary>Puts the store in order after its journal was checked: cuts torn bytes off, makes durable what only a cache may hold, moves
    /// what nothing names aside. The first write of a writer; does nothing harmful when it is cut short and done again. A store that is only read changes nothing, and takes note of the
    /// good lines' numbers.</summary>
    /// <param name="settlement">What the check found.</param>
    void Settle(JournalSettlement settlement);

    /// <summary>Writes records and lines, all or nothing, if the journal's head is still the expected one.</summary>
    /// <param name="commit">What to write.</param>
    /// <returns><see cref="CommitResult.Committed"/> once everything is durable; <see cref="CommitResult.Conflict"/> where nothing was changed.</returns>
    CommitResult Commit(StoreCommit commit);

    /// <summary>Reads a sealed record.</summary>
    /// <param name="key">The key's UUID.</param>
    /// <param name="version">The key's version.</param>
    /// <returns>The record's bytes, or <see langword="null"/> where there is none.</returns>
    byte[]? ReadRecord(Guid key, uint version);

    /// <summary>Reads what is left of a destroyed version: its record's header.</summary>
    /// <param name="key">The key's UUID.</param>
    /// <param name="version">The key's version.</param>
    /// <returns>The header's bytes, or <see langword="null"/> where there is none.</returns>
    byte[]? ReadRemains(Guid key, uint version);

    /// <summary>Asks to be told when lines were appended, by this process or another one.</summary>
    /// <param name="appended">Called with the sequence number of the new head, on any thread; must be quick. What it throws is dropped.
    /// It may refresh a keystore, but not change one: the commit that it is told of may still be under way there.</param>
    /// <returns>Dispose it to be told no more.</returns>
    IDisposable OnAppended(Action<long> appended);
}
