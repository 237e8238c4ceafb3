namespace RonKms.Storage;

/// <summary>The sealed record of one key version.</summary>
/// <param name="Key">The key's UUID.</param>
/// <param name="Version">The key's version, from 1.</param>
/// <param name="Bytes">The record.</param>
public sealed record SealedRecord(Guid Key, uint Version, ReadOnlyMemory<byte> Bytes);
