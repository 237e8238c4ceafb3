using System.Globalization;

namespace RonKms.Storage;

/// <summary>Where things lie in a store's directory.</summary>
/// <param name="Root">The store's directory, without a trailing separator: behind one, a link would be followed.</param>
internal readonly record struct StoreLayout(string Root)
{
    internal const string DescriptionName = "store.json";
    internal const string LockName = "lock";
    internal const string JournalName = "journal.jsonl";
    internal const string KeysName = "keys";
    private const string LostName = "lost";

    internal string Description => Path.Combine(Root, DescriptionName);

    internal string Lock => Path.Combine(Root, LockName);

    internal string Lost => Path.Combine(Root, LostName);

    internal static string GenerationName(long generation) => string.Create(CultureInfo.InvariantCulture, $"g{generation}");

    internal static bool IsGenerationName(string name) =>
        name is ['g', .. string number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    internal string Generation(long generation) => Path.Combine(Root, GenerationName(generation));

    internal string Journal(long generation) => Path.Combine(Generation(generation), JournalName);

    internal string Keys(long generation) => Path.Combine(Generation(generation), KeysName);
}
