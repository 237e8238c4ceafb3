namespace RonKms;

/// <summary>How far a change of the whole store has come.</summary>
/// <param name="Done">Key versions done.</param>
/// <param name="Total">Key versions in all.</param>
public readonly record struct MaintenanceProgress(long Done, long Total);
