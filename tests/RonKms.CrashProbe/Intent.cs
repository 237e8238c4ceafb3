using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>What one thread of a writer is about to do.</summary>
/// <param name="Op">create, import, rotate, disable, enable, destroy or destroy-all; kek, reseal, compact or backup.</param>
/// <param name="Subject">The label of a new key, or the key version that the call names; the key file of kek and reseal, the name of a backup.</param>
internal sealed record Intent(string Op, string Subject)
{
    internal bool MakesKey => Op is "create" or "import";

    /// <summary>Whether it changes the store as a whole.</summary>
    internal bool IsMaintenance => Op is "kek" or "backup" || BeginsGeneration;

    internal bool BeginsGeneration => Op is "reseal" or "compact";

    /// <summary>Whether another key-encryption key opens the store afterwards.</summary>
    internal bool ChangesKek => Op is "kek" or "reseal";

    /// <summary>Whether a journal line is one that this writes.</summary>
    internal bool Writes(JsonElement line)
    {
        string op = line.GetProperty("op").GetString()!;
        if (IsMaintenance) return Op == "kek" ? op == "rewrap" : BeginsGeneration && op is "open_store" or "state";
        if (!line.TryGetProperty("kid", out JsonElement kid)) return false;

        KeyId key = KeyId.Parse(kid.GetString()!);
        return Op switch
        {
            "create" or "import" => op == Op && line.GetProperty("labels").GetProperty(TestStore.Label).GetString() == Subject,
            "rotate" => op == "rotate" && KeyId.Parse(Subject) is { } from && from.Uuid == key.Uuid && from.Version + 1 == key.Version,
            "destroy-all" => op == "destroy" && KeyId.Parse(Subject).Uuid == key.Uuid,
            _ => op == Op && KeyId.Parse(Subject) == key,
        };
    }
}
