// Whether a store is sound: every journal line, record and file of it. Changes nothing, and takes no lock.
//
//   Check                           shows it on a store of its own
//   Check PLACE [KEK-FILE]          PLACE is file:PATH; without the key file the store is compared with itself alone
//
// Ends with 0 for a sound store, 1 for a damaged one, 2 where there is nothing to check.
using RonKms;
using RonKms.Sealing;

if (args.Length > 2)
{
    Console.Error.WriteLine("usage: Check [PLACE [KEK-FILE]]");
    return 2;
}

if (args.Length > 0)
{
    try
    {
        KeystoreOptions options = new();
        options.UsePostQuantum();
        StoreReport report = StoreChecker.Check(args[0], args.Length == 2 ? KeyEncryptionKey.FromFile(args[1]) : null, options);
        Console.WriteLine(report);
        return report.IsSound ? 0 : 1;
    }
    catch (Exception e) when (e is KmsException or ArgumentException)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
}

string home = Directory.CreateTempSubdirectory("ronkms-check-").FullName;
try
{
    string store = Path.Combine(home, "store");
    string place = "file:" + store;
    string kek = Path.Combine(home, "kek.b64");
    KeyEncryptionKey.CreateFile(kek);
    using (Keystore kms = Keystore.OpenOrCreate(place, KeyEncryptionKey.FromFile(kek)))
    {
        kms.Rotate(kms.Create("app", "signing", KeyAlgorithm.Ed25519));
        kms.Create("app", "envelopes", KeyAlgorithm.Aes256Gcm);

        // The same of a store that is in use, beside its writers.
        Show("while it is open", kms.VerifyStore());
    }

    Show("with its key", StoreChecker.Check(place, KeyEncryptionKey.FromFile(kek)));
    Show("without", StoreChecker.Check(place));

    string record = Directory.EnumerateFiles(store, "*.ronk", SearchOption.AllDirectories).First();
    byte[] bytes = File.ReadAllBytes(record);
    bytes[^1] ^= 1;
    File.WriteAllBytes(record, bytes);
    StoreReport damaged = StoreChecker.Check(place, KeyEncryptionKey.FromFile(kek));
    Show("after one bit of one record was changed", damaged);
    return damaged.Findings.Count == 1 && damaged.Findings[0].Kind == StoreFindingKind.RecordDamaged ? 0 : 1;
}
finally
{
    Directory.Delete(home, recursive: true);
}

static void Show(string when, StoreReport report) => Console.WriteLine($"{when}:\n  {report.ToString().Replace("\n", "\n  ", StringComparison.Ordinal)}");
