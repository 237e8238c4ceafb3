using System.Globalization;

namespace RonKms.Storage;

/// <summary>Where things lie in a store's directory.</summary>
/// <param name="Root">The store's directory, without a trailing separator: behind one, a link would be followed.</param>
internal readonly record struct StoreLayout(string Root)
{
    internal const string DescriptionName = "store.json";
    internal const string NextDescriptionName = DescriptionName + ".next";
    internal const string LockName = "lock";
    internal const string JournalName = "journal.jsonl";
    internal const string KeysName = "keys";
    internal const string LostName = "lost";
    internal const string ArchiveName = "archive";
    private const string ArchivedEnding = ".jsonl";

    internal string Description => Path.Combine(Root, DescriptionName);

    internal string NextDescription => Path.Combine(Root, NextDescriptionName);

    internal string Lock => Path.Combine(Root, LockName);

    internal string Lost => Path.Combine(Root, LostName);

    internal string Archive => Path.Combine(Root, ArchiveName);

    internal static string GenerationName(long generation) => string.Create(CultureInfo.InvariantCulture, $"g{generation}");

    internal static bool IsGenerationName(string name) => NumberOf(name) is not null;

    /// <summary>The number of the generation that a directory's name stands for; only the exact spelling that is written is taken.</summary>
    internal static long? NumberOf(string name) =>
        name is ['g', .. string text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && GenerationName(number) == name
            ? number
            : null;

    /// <summary>The number of the generation whose journal an archived file's name stands for.</summary>
    internal static long? NumberOfArchived(string name) =>
        name.EndsWith(ArchivedEnding, StringComparison.Ordinal) ? NumberOf(name[..^ArchivedEnding.Length]) : null;

    /// <summary>Whether a name in the directory is one that a store makes.</summary>
    internal static bool IsOfStore(string name) =>
        IsGenerationName(name)
        || name is LockName or LostName or ArchiveName or DescriptionName or NextDescriptionName
            or DescriptionName + DurableFiles.TemporarySuffix or NextDescriptionName + DurableFiles.TemporarySuffix;

    internal string Generation(long generation) => Path.Combine(Root, GenerationName(generation));

    internal string Journal(long generation) => Path.Combine(Generation(generation), JournalName);

    internal string ArchivedJournal(long generation) => Path.Combine(Archive, GenerationName(generation) + ArchivedEnding);

    internal string Keys(long generation) => Path.Combine(Generation(generation), KeysName);
}
