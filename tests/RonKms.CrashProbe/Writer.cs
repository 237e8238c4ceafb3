using System.Globalization;
using System.Text;

namespace RonKms.CrashProbe;

/// <summary>Changes a store from several threads, and says before each call what it is about to do and after it what came of it, until
/// somebody kills the process.</summary>
/// <remarks>A thread changes only keys of its own purpose, so that its unanswered intent is the only one about them.</remarks>
internal sealed class Writer(string directory, int seed)
{
    private const int MostKeys = 12;
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Lock _telling = new();

    internal void Run()
    {
        Tell("opening");
        using Keystore keys = TestStore.Open(directory, create: true);
        Tell("open");
        Thread[] threads = [.. Enumerable.Range(0, TestStore.Threads).Select(n => new Thread(() => Work(keys, n)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
    }

    private void Work(Keystore keys, int thread)
    {
        var random = new Random(HashCode.Combine(seed, thread));
        string purpose = string.Create(CultureInfo.InvariantCulture, $"t{thread}");
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
            Tell($"intent {thread} {intent.Op} {intent.Subject}");
            Tell($"done {thread} {Do(keys, intent, purpose, random)}");
        }
    }

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
