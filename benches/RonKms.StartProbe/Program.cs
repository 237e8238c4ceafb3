using System.Diagnostics;
using System.Globalization;
using RonKms;
using RonKms.Sealing;

// What the benchmarks run as a process of its own.
//   empty        does nothing: what .NET itself costs
//   sign         makes a keystore in memory and a key, and signs once
//   keys COUNT   makes that many keys, opens all of them, and prints: working set in bytes, its peak, milliseconds to make, to open
//   open PLACE KEK   opens a store and signs with each of its keys, all held open, and prints: milliseconds to open, peak of the working set then, at the end
//   kem          makes a key of ML-KEM-768, encapsulates to it and decapsulates, each for the first time, and prints: milliseconds for each
//   locked COUNT makes that many keys of ML-DSA-65, opens all of them, and prints: guarded memory that this took in bytes, locked and not
return args switch
{
    ["empty"] => 0,
    ["sign"] => SignOnce(),
    ["keys", string count] => HoldKeys(int.Parse(count, CultureInfo.InvariantCulture)),
    ["open", string place, string kek] => OpenStore(place, kek),
    ["kem"] => TimeFirstKem(),
    ["locked", string count] => HoldLocked(int.Parse(count, CultureInfo.InvariantCulture)),
    _ => 2,
};

static int SignOnce()
{
    using Keystore kms = Keystore.InMemory();
    KeyId key = kms.Create("probe", "signing", KeyAlgorithm.Ed25519);
    return kms.Sign(key, "message"u8).Length == 64 ? 0 : 1;
}

static int HoldKeys(int count)
{
    using Keystore kms = Keystore.InMemory(new KeystoreOptions { OpenedKeyLimit = count });
    KeyId[] keys = new KeyId[count];
    long started = Stopwatch.GetTimestamp();
    for (int i = 0; i < count; i++)
    {
        keys[i] = kms.Create("probe", "signing", KeyAlgorithm.Ed25519);
    }

    TimeSpan made = Stopwatch.GetElapsedTime(started);
    started = Stopwatch.GetTimestamp();
    Span<byte> signature = stackalloc byte[64];
    foreach (KeyId key in keys)
    {
        kms.Sign(key, "message"u8, signature, out _);
    }

    TimeSpan opened = Stopwatch.GetElapsedTime(started);
    using Process self = Process.GetCurrentProcess();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{self.WorkingSet64} {self.PeakWorkingSet64} {made.TotalMilliseconds:0} {opened.TotalMilliseconds:0}"));
    return 0;
}

static int OpenStore(string place, string kek)
{
    long started = Stopwatch.GetTimestamp();
    using Keystore kms = Keystore.Open(place, KeyEncryptionKey.FromFile(kek), new KeystoreOptions { OpenedKeyLimit = int.MaxValue });
    TimeSpan opened = Stopwatch.GetElapsedTime(started);
    long peak = Peak();
    Span<byte> signature = stackalloc byte[64];
    foreach (KeyInfo key in kms.List())
    {
        kms.Sign(key.Id, "message"u8, signature, out _);
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{opened.TotalMilliseconds:0} {peak} {Peak()}"));
    return 0;

    static long Peak()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}

static int TimeFirstKem()
{
    // X25519 goes first: what a keystore does for any key, and loading libsodium, is not ML-KEM's.
    using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
    Time(kms, KeyAlgorithm.X25519);
    Console.WriteLine(string.Join(' ', Time(kms, KeyAlgorithm.MLKem768).Select(time => time.ToString("0.000", CultureInfo.InvariantCulture))));
    return 0;

    static double[] Time(Keystore kms, KeyAlgorithm algorithm)
    {
        KeyId key = null!;
        Encapsulation sent = null!;
        SecretBytes received = null!;
        double[] times =
        [
            Milliseconds(() => key = kms.Create("probe", "agreement", algorithm)),
            Milliseconds(() => sent = kms.Encapsulate(key, out _)),
            Milliseconds(() => received = kms.Decapsulate(key, sent.Ciphertext.Span)),
        ];
        using (sent)
        using (received)
        {
            return received.Reveal().SequenceEqual(sent.SharedSecret.Reveal()) ? times : throw new InvalidOperationException("What is measured does not work.");
        }
    }

    // The processor's time where that is shorter than the clock's: the rest is waiting for other programs to let go.
    static double Milliseconds(Action work)
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        work();
        TimeSpan clock = Stopwatch.GetElapsedTime(started);
        return Math.Min(clock.TotalMilliseconds, (Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
    }
}

static int HoldLocked(int count)
{
    using Keystore kms = Keystore.InMemory(new KeystoreOptions { OpenedKeyLimit = count }.UsePostQuantum(PostQuantumProvider.Managed));
    KeyId[] keys = [.. Enumerable.Range(0, count).Select(_ => kms.Create("probe", "signing", KeyAlgorithm.MLDsa65))];
    (long locked, long unlocked) = Guarded(kms);
    byte[] signature = new byte[kms.Sign(keys[0], "message"u8).Length];
    foreach (KeyId key in keys)
    {
        kms.Sign(key, "message"u8, signature, out _);
    }

    (long lockedThen, long unlockedThen) = Guarded(kms);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lockedThen - locked} {unlockedThen - unlocked}"));
    return 0;

    static (long Locked, long Unlocked) Guarded(Keystore kms)
    {
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmLck:", StringComparison.Ordinal));
        return (1024 * long.Parse(line.AsSpan(6).Trim()[..^3], CultureInfo.InvariantCulture), kms.CheckHealth().UnlockedBytes);
    }
}
