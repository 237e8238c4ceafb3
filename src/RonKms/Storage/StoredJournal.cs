namespace RonKms.Storage;

/// <summary>A journal that lies in a store, unchecked.</summary>
/// <param name="Generation">The generation's number.</param>
/// <param name="IsArchived">Whether it is kept aside: the generation was replaced.</param>
/// <param name="Bytes">Its bytes; none where the generation has no journal.</param>
public sealed record StoredJournal(long Generation, bool IsArchived, ReadOnlyMemory<byte> Bytes);
