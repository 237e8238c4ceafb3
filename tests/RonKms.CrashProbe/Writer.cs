using System.Globalization;
using System.Text;

namespace RonKms.CrashProbe;

/// <summary>Changes a store from several threads, and says before each call what it is about to do and after it what came of it, until
/// somebody kills the process.</summary>
/// <remarks>A thread changes only keys of its own purpose, so that its unanswered intent is the only one about them. One more thread changes
/// the store as a whole, under them.</remarks>
internal sealed class Writer(TestStore store, string kek, int seed)
{
    private const int MostKeys = 12;
    private const int MostPauseMs = 25;
    private const int MostVersionsToLengthen = 60;
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Lock _telling = new();

    internal void Run()
    {
        Tell("opening");
        using Keystore keys = store.Open(kek, create: true);
        Tell("open");
        Thread[] threads = [.. Enumerable.Range(0, TestStore.Threads).Select(n => new Thread(() => Work(keys, n))), new Thread(() => Maintain(keys))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
    }

    internal void OpenOnly()
    {
        Tell("opening");
        using Keystore keys = store.OpenWithEither(kek);
        Thread.Sleep(Timeout.Infinite);
    }

    private void Maintain(Keystore keys)
    {
        Random random = RandomOf(TestStore.Threads);
        for (int step = 0; ; step++)
        {
            Thread.Sleep(random.Next(MostPauseMs));
            string next = TestStore.Keks[random.Next(2)];
            Intent intent = random.Next(10) switch
            {
                < 4 => new Intent("compact", "journal"),
                4 or 5 => new Intent("kek", next),
                6 or 7 => new Intent("reseal", next),
                _ => new Intent("backup", string.Create(CultureInfo.InvariantCulture, $"{seed}-{step}")),
            };
            if (intent.Op == "compact") Lengthen(keys, random, step);
            Tell($"intent {TestStore.Threads} {intent.Op} {intent.Subject}");
            Tell($"done {TestStore.Threads} {(Do(keys, intent) ? "changed" : "unchanged")}");
        }
    }

    /// <summary>Makes it pay to shorten the journal of a store that is still small, by changes of a key of this thread's own.</summary>
    private void Lengthen(Keystore keys, Random random, int step)
    {
        IReadOnlyList<KeyInfo> versions = keys.List(new KeyFilter { AllVersions = true });
        if (versions.Count > MostVersionsToLengthen) return;

        KeyInfo? own = versions.FirstOrDefault(version => version.Id.Purpose == PurposeOf(TestStore.Threads));
        string label = string.Create(CultureInfo.InvariantCulture, $"{seed}-{TestStore.Threads}-{step}");
        KeyId key = own?.Id ?? Change(keys, TestStore.Threads, new Intent("create", label), random);
        bool isDisabled = own?.State == KeyState.Disabled;
        for (int n = 0; n < versions.Count; n++, isDisabled = !isDisabled)
        {
            Change(keys, TestStore.Threads, new Intent(isDisabled ? "enable" : "disable", key.ToString()), random);
        }
    }

    /// <returns>Whether the store was changed.</returns>
    private bool Do(Keystore keys, Intent intent)
    {
        switch (intent.Op)
        {
            case "compact":
                return keys.Compact();
            case "kek":
                keys.ChangeKek(store.Kek(intent.Subject));
                return true;
            case "reseal":
                keys.Reseal(store.Kek(intent.Subject));
                return true;
            case "backup":
                keys.Backup(store.BackupOf(intent.Subject));
                return false;
            default:
                throw new InvalidOperationException(intent.Op);
        }
    }

    // Not HashCode.Combine, which gives other values in each process.
    private Random RandomOf(int thread) => new(unchecked((seed * 31) + thread));

    private void Work(Keystore keys, int thread)
    {
        Random random = RandomOf(thread);
        string purpose = PurposeOf(thread);
        for (int step = 0; ; step++)
        {
            IReadOnlyList<KeyInfo> versions = keys.List(new KeyFilter { Purpose = purpose, AllVersions = true });
            KeyInfo[] latest = [.. versions.Where(version => version.IsLatest && version.State != KeyState.Destroyed)];
            string label = string.Create(CultureInfo.InvariantCulture, $"{seed}-{thread}-{step}");
            KeyInfo? any = latest.Length == 0 ? null : latest[random.Next(latest.Length)];
            Intent intent = (any, random.Next(latest.Length > MostKeys ? 4 : 10)) switch
            {
                (null, _) or (_, 8) => new Intent("create", label),
                (_, 9) => new Intent("import", label),
                (_, 0) => new Intent("destroy", any.Id.ToString()),
                (_, 1) => new Intent("destroy-all", any.Id.ToString()),
                (_, 2 or 3) => new Intent(any.State == KeyState.Disabled ? "enable" : "disable", any.Id.ToString()),
                _ => new Intent("rotate", any.Id.ToString()),
            };
            Change(keys, thread, intent, random);
        }
    }

    private KeyId Change(Keystore keys, int thread, Intent intent, Random random)
    {
        Tell($"intent {thread} {intent.Op} {intent.Subject}");
        KeyId result = Do(keys, intent, PurposeOf(thread), random);
        Tell($"done {thread} {result}");
        return result;
    }

    private static string PurposeOf(int thread) => string.Create(CultureInfo.InvariantCulture, $"t{thread}");

    private static KeyId Do(Keystore keys, Intent intent, string purpose, Random random)
    {
        var options = new KeyCreationOptions { Labels = new Dictionary<string, string> { [TestStore.Label] = intent.Subject } };
        switch (intent.Op)
        {
            case "create":
                return keys.Create(TestStore.Tenant, purpose, random.Next(3) == 0 ? KeyAlgorithm.Aes256Gcm : KeyAlgorithm.Ed25519, options);
            case "import":
                return keys.Import(TestStore.Tenant, purpose, KeyAlgorithm.Ed25519, TestStore.SeedOf(intent.Subject), options);
        }

        KeyId key = KeyId.Parse(intent.Subject);
        switch (intent.Op)
        {
            case "rotate":
                return keys.Rotate(key);
            case "disable":
                keys.Disable(key);
                break;
            case "enable":
                keys.Enable(key);
                break;
            case "destroy":
                keys.Destroy(key);
                break;
            case "destroy-all":
                keys.DestroyAllVersions(key);
                break;
            default:
                throw new InvalidOperationException(intent.Op);
        }

        return key;
    }

    // One write a line, and shorter than what a pipe takes in one piece.
    private void Tell(string line)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(line + "\n");
        lock (_telling) _output.Write(bytes);
    }
}
