namespace RonKms.CrashProbe;

/// <summary>A backup that was begun: what it must hold, and whether it does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kek">The key file of that moment.</param>
/// <param name="Before">What was acknowledged before it began.</param>
internal sealed record BackupTaken(string Name, string Kek, IReadOnlyDictionary<KeyId, KeyState> Before)
{
    private const int MostUsed = 12;

    internal bool IsAcknowledged { get; set; }

    /// <summary>Restores it into an empty place, looks at all keys and uses some. One that was not acknowledged is there whole or not at all.</summary>
    internal void Check(TestStore store, IReadOnlyDictionary<KeyId, Version> now, Counts counts, Random random)
    {
        if (!File.Exists(store.BackupOf(Name)))
        {
            if (IsAcknowledged) counts.AddLost($"the backup {Name} is gone");
            return;
        }

        TestStore empty = new(store.Name + "-restored");
        empty.Clear();
        try
        {
            using Keystore keys = empty.Restore(store.BackupOf(Name), store.Kek(Kek), inMemory: !store.IsAnchored && random.Next(2) == 0);
            Dictionary<KeyId, KeyState> found = keys.List(new KeyFilter { AllVersions = true }).ToDictionary(info => info.Id, info => info.State);
            foreach ((KeyId key, KeyState state) in Before)
            {
                if (!found.TryGetValue(key, out KeyState restored)) counts.AddLost($"{key} is not in the backup {Name}");
                else if (state == KeyState.Destroyed && restored != state) counts.AddLost($"{key} is back in the backup {Name}");
                else if (restored == KeyState.Destroyed && now[key].State != restored) counts.AddHalfDone($"{key} is destroyed in the backup {Name} alone");
            }

            KeyId[] used = [.. Before.Keys.Where(found.ContainsKey)];
            random.Shuffle(used);
            foreach (KeyId key in used.Take(MostUsed))
            {
                bool isDestroyed = found[key] == KeyState.Destroyed;
                if (!isDestroyed) keys.Enable(key);
                if (KeyUser.FindFault(keys, now[key].In(isDestroyed ? KeyState.Destroyed : KeyState.Enabled)) is { } fault) counts.AddLost($"{key} in the backup {Name}: {fault}");
            }
        }
        catch (KmsException refusal)
        {
            counts.AddLost($"the backup {Name} is not restored: {refusal.Error}: {refusal.Message}");
        }

        Directory.Delete(empty.Root, recursive: true);
        File.Delete(store.BackupOf(Name));
    }
}
