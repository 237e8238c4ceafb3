namespace RonKms.Custody;

/// <summary>Why a generation was begun, as its first line says.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal static class GenerationReason
{
    internal const string Reseal = "reseal";
    internal const string Compact = "compact";
    internal const string Restore = "restore";

    /// <summary>How far a key's next version leaps after a restore that could not read the journal it replaced: numbers that were issued
    /// since the backup are not issued again.</summary>
    internal const uint Leap = 1_000;

    private const string LeapEnding = "-leap";

    /// <summary>The same reason for a generation in which next versions leap.</summary>
    internal static string Leaping(string reason) => reason + LeapEnding;

    /// <summary>Whether a generation that was begun for a reason holds what a restore brought.</summary>
    internal static bool IsRestore(string? reason) => reason == Restore || reason == Leaping(Restore);

    /// <summary>Whether next versions leap in a generation that was begun for a reason.</summary>
    internal static bool Leaps(string? reason) => reason?.EndsWith(LeapEnding, StringComparison.Ordinal) == true;
}
