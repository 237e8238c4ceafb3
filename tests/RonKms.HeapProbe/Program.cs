using RonKms;
using RonKms.HeapProbe;

// Each mode prints lines "what number", which the tests read.
switch (args)
{
    case ["heap"]:
        Heap();
        break;
    case ["files"]:
        Files();
        break;
    case ["locks"]:
        Locks();
        break;
    default:
        Console.Error.WriteLine("usage: RonKms.HeapProbe heap|files|locks");
        return 2;
}

return 0;

// Whether secrets lie in this process's memory: while they are in use, once they are destroyed, once the keystore is disposed.
static void Heap()
{
    HiddenSecret[] secrets =
    [
        .. new[] { "ed25519", "x25519", "aes256gcm", "chacha20poly1305", "hmacsha256", "p256" }.Select(HiddenSecret.Random),
    ];
    HiddenSecret[] looked = [.. secrets, secrets[^1].Reversed()];
    Tell("before", looked);

    Keystore keystore = Keystore.InMemory();
    KeyId[] keys = [.. secrets.Select(secret => Import(keystore, secret))];
    foreach (KeyId key in keys)
    {
        Use(keystore, key);
    }

    Tell("open", looked);

    Keystore destroying = Keystore.InMemory();
    HiddenSecret[] others = [.. secrets.Select(secret => HiddenSecret.Random(secret.Name))];
    foreach (HiddenSecret secret in others)
    {
        KeyId key = Import(destroying, secret);
        Use(destroying, key);
        destroying.Destroy(key);
    }

    Tell("destroyed", [.. others, others[^1].Reversed()]);
    destroying.Dispose();

    keystore.Dispose();
    Tell("disposed", looked);
}

// Uses everything that a keystore in memory can do, and tells which regular files are open for writing.
static void Files()
{
    using Keystore keystore = Keystore.InMemory(new KeystoreOptions { PurgeAfter = TimeSpan.FromHours(1) });
    keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
    foreach (KeyAlgorithm algorithm in KeyAlgorithm.All.Take(9))
    {
        KeyId key = keystore.Create("acme", "probe", algorithm);
        Use(keystore, key);
        KeyId next = keystore.Rotate(key);
        keystore.Disable(key);
        keystore.Attest(next);
        keystore.DestroyAllVersions(next);
    }

    int written = 0;
    foreach (string entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
    {
        string? target = new FileInfo(entry).LinkTarget;
        string info = $"/proc/self/fdinfo/{Path.GetFileName(entry)}";
        if (target?.StartsWith('/') == true && !target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/proc/", StringComparison.Ordinal)
            && !target.StartsWith("/memfd:", StringComparison.Ordinal) && File.Exists(info)
            && File.ReadLines(info).Any(line => line.StartsWith("flags:", StringComparison.Ordinal) && line[^1] is '1' or '2'))
        {
            Console.Error.WriteLine(target);
            written++;
        }
    }

    Console.WriteLine($"written {written}");
    Console.WriteLine($"keys {keystore.CheckHealth().Keys}");
}

// How often a keystore warns that memory is not locked, where the system refuses to.
static void Locks()
{
    WarningCount first = new();
    WarningCount second = new();
    using Keystore one = Keystore.InMemory(new KeystoreOptions { LoggerFactory = first });
    for (int i = 0; i < 3000; i++)
    {
        Use(one, one.Create("acme", "probe", KeyAlgorithm.Ed25519));
    }

    using Keystore two = Keystore.InMemory(new KeystoreOptions { LoggerFactory = second });
    Use(two, two.Create("acme", "probe", KeyAlgorithm.Ed25519));
    Console.WriteLine($"first {first.MemoryNotLocked}");
    Console.WriteLine($"second {second.MemoryNotLocked}");
    Console.WriteLine($"unlocked {one.CheckHealth().UnlockedBytes}");
}

static KeyId Import(Keystore keystore, HiddenSecret secret) =>
    secret.Use(bytes => keystore.Import("acme", "probe", KeyAlgorithm.FindByName(secret.Name)!, bytes.Reveal()));

static void Use(Keystore keystore, KeyId key)
{
    switch (key.Algorithm.Use)
    {
        case KeyUse.Sign:
            keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8));
            break;
        case KeyUse.Mac:
            keystore.VerifyMac(key, "m"u8, keystore.ComputeMac(key, "m"u8, out _));
            break;
        case KeyUse.Wrap:
            keystore.Unwrap(key, keystore.Wrap(key, "m"u8)).Dispose();
            break;
        default:
            using (Encapsulation encapsulation = keystore.Encapsulate(key, out _))
            {
                keystore.Decapsulate(key, encapsulation.Ciphertext.Span).Dispose();
            }

            break;
    }
}

static void Tell(string stage, IReadOnlyList<HiddenSecret> secrets)
{
    int[] found = MemoryScanner.Count(secrets);
    for (int i = 0; i < found.Length; i++)
    {
        Console.WriteLine($"{stage} {secrets[i].Name} {found[i]}");
    }
}
