namespace RonKms.Custody;

/// <summary>Which head of which generation a later generation's journal goes on from.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Seq">The sequence number of its last line.</param>
/// <param name="Head">The digest of its last line.</param>
internal sealed record GenerationOrigin(long Generation, long Seq, Digest Head);
