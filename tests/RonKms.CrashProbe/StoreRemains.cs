using System.Globalization;

namespace RonKms.CrashProbe;

/// <summary>What may lie in a store's directory, and what may not.</summary>
internal sealed class StoreRemains(string directory, Counts counts)
{
    private readonly HashSet<string> _lost = [];

    /// <summary>Looks for generations whose removal was acknowledged with the one that took their place.</summary>
    internal void RequireNoneBefore(long live)
    {
        foreach (string name in Generations())
        {
            if (long.Parse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) < live) counts.AddHalfDone($"{name} is still there, and g{live} was acknowledged");
        }
    }

    /// <summary>Compares the files of an open store with the key versions that there are.</summary>
    /// <param name="versions">All of them.</param>
    /// <param name="acknowledged">Those of which a call was answered.</param>
    internal void Check(IReadOnlyCollection<Version> versions, HashSet<KeyId> acknowledged)
    {
        long live = StoreFiles.LiveGeneration(directory);
        Compare(
            [.. versions
                .Where(version => version.State != KeyState.Destroyed || version.Id.Algorithm == KeyAlgorithm.Ed25519 || HasRemains(version))
                .Select(version => StoreFiles.NameOf(version.Id, version.State == KeyState.Destroyed))],
            Names(Directory.EnumerateFiles(StoreFiles.Keys(directory), "*", SearchOption.AllDirectories)));
        Compare(["store.json", "lock"], Names(Directory.EnumerateFiles(directory)));
        Compare([$"g{live}"], [.. Generations()]);
        string archive = Path.Combine(directory, "archive");
        Compare(
            [.. Enumerable.Range(1, (int)live - 1).Select(generation => $"g{generation}.jsonl")],
            Directory.Exists(archive) ? Names(Directory.EnumerateFileSystemEntries(archive)) : []);
        CheckLost(acknowledged);
    }

    private void CheckLost(HashSet<KeyId> acknowledged)
    {
        string lost = Path.Combine(directory, "lost");
        if (!Directory.Exists(lost)) return;

        HashSet<string> records = [.. acknowledged.Select(key => StoreFiles.NameOf(key, isDestroyed: false))];
        foreach (string name in Names(Directory.EnumerateFileSystemEntries(lost)).Where(_lost.Add))
        {
            // In front of the name is its generation, and it may have got a number behind it.
            string record = name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
            if (records.Any(known => record.StartsWith(known, StringComparison.Ordinal))) counts.AddLost($"{name} was moved aside");
        }
    }

    private bool HasRemains(Version version) =>
        File.Exists(Path.Combine(StoreFiles.DirectoryOf(directory, version.Id), StoreFiles.NameOf(version.Id, isDestroyed: true)));

    private IEnumerable<string> Generations() =>
        Directory.EnumerateDirectories(directory, "g*").Select(path => Path.GetFileName(path));

    private static HashSet<string> Names(IEnumerable<string> paths) => [.. paths.Select(path => Path.GetFileName(path))];

    private void Compare(HashSet<string> expected, HashSet<string> found)
    {
        foreach (string name in expected.Except(found)) counts.AddHalfDone($"{name} is missing");
        foreach (string name in found.Except(expected)) counts.AddHalfDone($"{name} should not be there");
    }
}
