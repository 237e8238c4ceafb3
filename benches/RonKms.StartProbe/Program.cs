using System.Diagnostics;
using System.Globalization;
using RonKms;
using RonKms.Sealing;

// What the benchmarks run as a process of its own.
//   empty        does nothing: what .NET itself costs
//   sign         makes a keystore in memory and a key, and signs once
//   keys COUNT   makes that many keys, opens all of them, and prints: working set in bytes, its peak, milliseconds to make, to open
//   open PLACE KEK   opens a store and signs with each of its keys, all held open, and prints: milliseconds to open, peak of the working set then, at the end
return args switch
{
    ["empty"] => 0,
    ["sign"] => SignOnce(),
    ["keys", string count] => HoldKeys(int.Parse(count, CultureInfo.InvariantCulture)),
    ["open", string place, string kek] => OpenStore(place, kek),
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
