namespace RonKms.CrashProbe;

/// <summary>A store that outlives one writer after another, and what must be in it.</summary>
internal sealed class CheckedStore(string directory, Counts counts)
{
    private const int MostUsed = 60;
    private readonly Dictionary<KeyId, Version> _versions = [];
    private readonly HashSet<string> _lost = [];
    private bool _exists;

    internal string Directory => directory;

    internal int Versions => _versions.Count;

    /// <summary>Opens the store as a new process would, and looks at everything that a writer left.</summary>
    internal void Check(CrashedWriter writer, Random random)
    {
        foreach ((Intent intent, KeyId result) in writer.Acknowledged) Acknowledge(intent, result);
        _exists |= writer.WasOpen;
        if (!_exists && !File.Exists(Path.Combine(directory, "store.json"))) return;

        _exists = true;
        HashSet<KeyId> acknowledged = [.. _versions.Keys];
        try
        {
            using Keystore keys = TestStore.Open(directory, create: false);
            Compare(keys.List(new KeyFilter { AllVersions = true }), writer.Unanswered);
            CheckFiles(acknowledged);
            if (new Journal(directory).FindBreak() is { } wrong) counts.AddBrokenChain($"{directory}: {wrong}");
            HashSet<KeyId> touched = [.. writer.Acknowledged.Select(answer => answer.Result)];
            Version[] all = [.. _versions.Values];
            random.Shuffle(all);
            foreach (Version version in all.Where(version => touched.Contains(version.Id) || !acknowledged.Contains(version.Id)).Concat(all.Take(MostUsed)))
            {
                Use(keys, version);
            }
        }
        catch (KmsException refusal)
        {
            counts.AddBrokenChain($"{directory} does not open: {refusal.Error}: {refusal.Message}");
        }
    }

    /// <summary>Uses every key version that there ever was.</summary>
    internal void CheckAll()
    {
        if (!_exists) return;

        using Keystore keys = TestStore.Open(directory, create: false);
        foreach (Version version in _versions.Values) Use(keys, version);
    }

    private void Acknowledge(Intent intent, KeyId result)
    {
        switch (intent.Op)
        {
            case "create" or "import":
                _versions.Add(result, new Version(result, intent.Subject));
                break;
            case "rotate":
                _versions.Add(result, new Version(result, string.Empty));
                break;
            case "destroy-all":
                foreach (Version version in _versions.Values.Where(version => version.Id.Uuid == result.Uuid)) version.State = KeyState.Destroyed;
                break;
            default:
                _versions[result].State = StateAfter(intent);
                break;
        }
    }

    private static KeyState StateAfter(Intent intent) => intent.Op switch
    {
        "disable" => KeyState.Disabled,
        "enable" => KeyState.Enabled,
        _ => KeyState.Destroyed,
    };

    /// <summary>What was acknowledged is there; what is there besides was begun, and is taken as it is from now on.</summary>
    private void Compare(IReadOnlyList<KeyInfo> found, IReadOnlyCollection<Intent> unanswered)
    {
        foreach (KeyId missing in _versions.Keys.Except(found.Select(info => info.Id))) counts.AddLost($"{missing} is gone");
        foreach (KeyInfo info in found)
        {
            if (!_versions.TryGetValue(info.Id, out Version? version))
            {
                if (!unanswered.Any(intent => Makes(intent, info))) counts.AddHalfDone($"nobody asked for {info.Id}");
                _versions.Add(info.Id, new Version(info.Id, info.Id.Version == 1 ? info.Labels[TestStore.Label] : string.Empty) { State = info.State });
            }
            else if (version.State != info.State)
            {
                if (!unanswered.Any(intent => Changes(intent, info))) counts.AddLost($"{info.Id} was {version.State}, and is {info.State}");
                version.State = info.State;
            }
        }
    }

    private static bool Makes(Intent intent, KeyInfo info) => intent.MakesKey
        ? info.Id.Version == 1 && info.State == KeyState.Enabled && info.Labels[TestStore.Label] == intent.Subject && info.IsImported == (intent.Op == "import")
        : intent.Op == "rotate" && KeyId.Parse(intent.Subject) is { } from && from.Uuid == info.Id.Uuid && from.Version + 1 == info.Id.Version;

    // Each version is destroyed by a line of its own: of a destroy-all that was not answered some may be.
    private static bool Changes(Intent intent, KeyInfo info) => !intent.MakesKey && intent.Op != "rotate" && info.State == StateAfter(intent)
        && (intent.Op == "destroy-all" ? KeyId.Parse(intent.Subject).Uuid == info.Id.Uuid : KeyId.Parse(intent.Subject) == info.Id);

    private void CheckFiles(HashSet<KeyId> acknowledged)
    {
        HashSet<string> expected = [.. _versions.Values
            .Where(version => version.State != KeyState.Destroyed || version.Id.Algorithm == KeyAlgorithm.Ed25519 || HasRemains(version))
            .Select(version => StoreFiles.NameOf(version.Id, version.State == KeyState.Destroyed))];
        HashSet<string> found = [.. System.IO.Directory
            .EnumerateFiles(StoreFiles.Keys(directory), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))];
        foreach (string name in expected.Except(found)) counts.AddHalfDone($"{name} is missing");
        foreach (string name in found.Except(expected)) counts.AddHalfDone($"{name} should not be there");
        foreach (string name in System.IO.Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)).Except(["store.json", "lock"]))
        {
            counts.AddHalfDone($"{name} should not be there");
        }

        string lost = Path.Combine(directory, "lost");
        if (!System.IO.Directory.Exists(lost)) return;

        HashSet<string> records = [.. acknowledged.Select(key => "g1-" + StoreFiles.NameOf(key, isDestroyed: false))];
        foreach (string name in System.IO.Directory.EnumerateFiles(lost).Select(path => Path.GetFileName(path)).Where(_lost.Add))
        {
            // The name may have got a number behind it.
            if (records.Any(record => name.StartsWith(record, StringComparison.Ordinal))) counts.AddLost($"{name} was moved aside");
        }
    }

    private bool HasRemains(Version version) =>
        File.Exists(Path.Combine(StoreFiles.DirectoryOf(directory, version.Id), StoreFiles.NameOf(version.Id, isDestroyed: true)));

    private void Use(Keystore keys, Version version)
    {
        try
        {
            if (KeyUser.FindFault(keys, version) is { } fault) counts.AddLost($"{version.Id}, {version.State}: {fault}");
        }
        catch (KmsException refusal)
        {
            counts.AddHalfDone($"{version.Id}, {version.State}: {refusal.Error}: {refusal.Message}");
        }
    }
}
