namespace RonKms.Storage;

/// <summary>A destroyed key version: its record goes, its header stays.</summary>
/// <param name="Key">The key's UUID.</param>
/// <param name="Version">The key's version, from 1.</param>
/// <param name="Remains">The record's header, kept for old signatures; empty where the record was already unreadable.</param>
public sealed record RecordRemoval(Guid Key, uint Version, ReadOnlyMemory<byte> Remains);
