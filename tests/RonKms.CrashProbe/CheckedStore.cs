namespace RonKms.CrashProbe;

/// <summary>A store that outlives one writer after another, and what must be in it.</summary>
internal sealed class CheckedStore
{
    private const int MostUsed = 60;
    private const int MostVersions = 250;

    private readonly TestStore _store;
    private readonly Counts _counts;
    private readonly StoreRemains _remains;
    private readonly Dictionary<KeyId, Version> _versions = [];
    private readonly List<BackupTaken> _backups = [];
    private bool _exists;
    private long _generation = 1;
    private string _kek = TestStore.Keks[0];

    internal CheckedStore(TestStore store, Counts counts)
    {
        _store = store;
        _counts = counts;
        _remains = new StoreRemains(store.Directory, counts);
        store.Clear();
    }

    /// <summary>Whether it is time to begin with another one.</summary>
    internal bool IsFull => _versions.Count > MostVersions;

    internal int Versions => _versions.Count;

    internal TestStore Store => _store;

    /// <summary>The name of the key file that opens the store, as far as was acknowledged.</summary>
    internal string Kek => _kek;

    /// <summary>Copies the store as it is now, where there is an anchor that must refuse the copy later.</summary>
    internal OldCopy? Copy() => _exists && _store.IsAnchored ? new OldCopy(_store, _kek) : null;

    /// <summary>Takes in what a writer was answered.</summary>
    internal void Hear(CrashedWriter writer)
    {
        foreach ((Intent intent, string? result) in writer.History)
        {
            if (result is null)
            {
                if (intent.Op == "backup") _backups.Add(new BackupTaken(intent.Subject, _kek, _versions.ToDictionary(known => known.Key, known => known.Value.State)));
            }
            else if (intent.IsMaintenance)
            {
                if (intent.ChangesKek) _kek = intent.Subject;
                if (intent.BeginsGeneration && result == "changed") _generation++;
                if (intent.Op == "backup") _backups[^1].IsAcknowledged = true;
            }
            else
            {
                Acknowledge(intent, KeyId.Parse(result));
            }
        }

        _exists |= writer.WasOpen || File.Exists(StoreFiles.Description(_store.Directory));
    }

    /// <summary>Looks at what lies there before anything opens it.</summary>
    internal void CheckAtRest(CrashedWriter writer)
    {
        if (!_exists) return;

        _remains.RequireNoneBefore(_generation);
        if (!_store.IsAnchored) return;

        (string? broken, string? lost) = AnchorFile.FindFault(_store, writer.Unanswered);
        if (broken is not null) _counts.AddBrokenChain(broken);
        if (lost is not null) _counts.AddLost(lost);
    }

    /// <summary>Opens the store as a new process would, and looks at everything that a writer left.</summary>
    internal void Check(CrashedWriter writer, Random random)
    {
        if (!_exists) return;

        HashSet<KeyId> acknowledged = [.. _versions.Keys];
        Intent? whole = writer.Unanswered.SingleOrDefault(intent => intent.IsMaintenance);
        bool changesKek = whole is { ChangesKek: true };
        try
        {
            using (Keystore keys = _store.OpenWithEither(changesKek && random.Next(2) == 0 ? whole!.Subject : _kek))
            {
                bool isNew = CheckGeneration(mayBeNew: whole is { BeginsGeneration: true });
                Compare(keys.List(new KeyFilter { AllVersions = true }), writer.Unanswered);
                _remains.Check(_versions.Values, acknowledged);
                if (Journal.FindBreak(_store.Directory) is { } wrong) _counts.AddBrokenChain(wrong);
                if (_store.IsAnchored && !AnchorFile.IsAtHead(_store)) _counts.AddBrokenChain($"the anchor of {_store.Directory} was not brought up");
                Use(keys, acknowledged, writer, random);
                keys.Dispose();
                if (changesKek || writer.History.Any(said => said.Intent.ChangesKek)) CheckKek(whole, isNew);
            }
        }
        catch (KmsException refusal)
        {
            _counts.AddBrokenChain($"{_store.Directory} does not open: {refusal.Error}: {refusal.Message}");
        }

        foreach (BackupTaken backup in _backups) backup.Check(_store, _versions, _counts, random);
        _backups.Clear();
    }

    /// <summary>Uses every key version that there ever was.</summary>
    internal void CheckAll()
    {
        if (!_exists) return;

        using Keystore keys = _store.Open(_kek);
        foreach (Version version in _versions.Values) Use(keys, version);
    }

    private void Acknowledge(Intent intent, KeyId result)
    {
        switch (intent.Op)
        {
            case "create" or "import" or "rotate":
                _versions.Add(result, new Version(result, intent.Op == "import" ? intent.Subject : null));
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

    /// <returns>Whether the generation is one that was begun and not answered.</returns>
    private bool CheckGeneration(bool mayBeNew)
    {
        long live = StoreFiles.LiveGeneration(_store.Directory);
        bool isNew = mayBeNew && live == _generation + 1;
        if (live != _generation && !isNew) _counts.AddLost($"{_store.Directory} is at generation {live}, and {_generation} was acknowledged");
        _generation = live;
        return isNew;
    }

    /// <summary>One key file opens the store, and the other does not.</summary>
    private void CheckKek(Intent? whole, bool isNew)
    {
        string[] opening = [.. TestStore.Keks.Where(kek =>
        {
            try
            {
                _store.Open(kek).Dispose();
                return true;
            }
            catch (KmsException refusal) when (refusal.Error == KmsError.WrongKek)
            {
                return false;
            }
        })];
        bool isRight = opening.Length == 1 && whole switch
        {
            { Op: "kek" } => opening[0] == _kek || opening[0] == whole.Subject,
            { Op: "reseal" } => opening[0] == (isNew ? whole.Subject : _kek),
            _ => opening[0] == _kek,
        };
        if (!isRight) _counts.AddLost($"{_store.Directory} opens with [{string.Join(' ', opening)}], and {_kek} was acknowledged, not so {whole}");
        else _kek = opening[0];
    }

    /// <summary>What was acknowledged is there; what is there besides was begun, and is taken as it is from now on.</summary>
    private void Compare(IReadOnlyList<KeyInfo> found, IReadOnlyCollection<Intent> unanswered)
    {
        foreach (KeyId missing in _versions.Keys.Except(found.Select(info => info.Id))) _counts.AddLost($"{missing} is gone");
        foreach (KeyInfo info in found)
        {
            if (!_versions.TryGetValue(info.Id, out Version? version))
            {
                Intent? made = unanswered.FirstOrDefault(intent => Makes(intent, info));
                if (made is null) _counts.AddHalfDone($"nobody asked for {info.Id}");
                _versions.Add(info.Id, new Version(info.Id, made?.Op == "import" ? made.Subject : null) { State = info.State });
            }
            else if (version.State != info.State)
            {
                if (!unanswered.Any(intent => Changes(intent, info))) _counts.AddLost($"{info.Id} was {version.State}, and is {info.State}");
                version.State = info.State;
            }
        }
    }

    // A later generation does not tell what was imported.
    private static bool Makes(Intent intent, KeyInfo info) => intent.MakesKey
        ? info.Id.Version == 1 && info.State == KeyState.Enabled && info.Labels[TestStore.Label] == intent.Subject && (!info.IsImported || intent.Op == "import")
        : intent.Op == "rotate" && KeyId.Parse(intent.Subject) is { } from && from.Uuid == info.Id.Uuid && from.Version + 1 == info.Id.Version;

    // Each version is destroyed by a line of its own: of a destroy-all that was not answered some may be.
    private static bool Changes(Intent intent, KeyInfo info) => !intent.MakesKey && !intent.IsMaintenance && intent.Op != "rotate" && info.State == StateAfter(intent)
        && (intent.Op == "destroy-all" ? KeyId.Parse(intent.Subject).Uuid == info.Id.Uuid : KeyId.Parse(intent.Subject) == info.Id);

    /// <summary>Uses what this writer touched or made, and some of the rest.</summary>
    private void Use(Keystore keys, HashSet<KeyId> acknowledged, CrashedWriter writer, Random random)
    {
        HashSet<KeyId> touched = [.. writer.History.Where(said => said.Result is not null && !said.Intent.IsMaintenance).Select(said => KeyId.Parse(said.Result!))];
        Version[] all = [.. _versions.Values];
        random.Shuffle(all);
        foreach (Version version in all.Where(version => touched.Contains(version.Id) || !acknowledged.Contains(version.Id)).Concat(all.Take(MostUsed)))
        {
            Use(keys, version);
        }
    }

    private void Use(Keystore keys, Version version)
    {
        try
        {
            if (KeyUser.FindFault(keys, version) is { } fault) _counts.AddLost($"{version.Id}, {version.State}: {fault}");
        }
        catch (KmsException refusal)
        {
            _counts.AddHalfDone($"{version.Id}, {version.State}: {refusal.Error}: {refusal.Message}");
        }
    }
}
