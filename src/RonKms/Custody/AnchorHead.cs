namespace RonKms.Custody;

/// <summary>The head of a store's custody journal, as a rollback anchor keeps it. Immutable; equal when all its members are.</summary>
/// <remarks>None of it is secret. Source: docs/formats/ronk-v1.md, section 4.</remarks>
/// <param name="StoreId">The store's id.</param>
/// <param name="Seq">The sequence number of the journal line, 1 to 2^53 − 1.</param>
/// <param name="Head">The SHA-256 of that line without its LF: 64 lower-case hex digits.</param>
/// <param name="Mac">HMAC-SHA-256 of the other members under a key of the store: 64 lower-case hex digits. The keystore makes and checks it.</param>
public sealed record AnchorHead(Guid StoreId, long Seq, string Head, string Mac);
