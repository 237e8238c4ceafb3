namespace RonKms.Custody;

/// <summary>A store as it was when it was opened to be followed.</summary>
/// <param name="Journal">Its journal, with the store's key.</param>
/// <param name="Description">The bytes of store.json.</param>
/// <param name="LookedAt">The timestamp of the moment before anything was read.</param>
internal sealed record FollowedStore(CustodyJournal Journal, byte[] Description, long LookedAt);
