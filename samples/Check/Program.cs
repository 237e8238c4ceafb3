// Whether a store is sound: every journal line, record and file of it. Changes nothing, and takes no lock.
//
// Ends with 0 for a sound store, 1 for a damaged one, 2 where there is nothing to check.
using RonKms;
using RonKms.Custody;
using RonKms.Sealing;

const string Usage = """
    usage: Check                     shows it on a store of its own
           Check PLACE [KEK] [--anchor file:PATH]
    PLACE  file:PATH, the store's directory
    KEK    the key file, or --passphrase-file FILE; without it the store is compared with itself alone
    --anchor file:PATH               the store's rollback anchor, otherwise what RON_KMS_ANCHOR says; without it a journal
                                     whose last lines were cut off is not noticed
    """;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(Usage);
    return 0;
}

if (args.Length > 0)
{
    string? file = null;
    Func<string, bool, KeyEncryptionKey> read = KeyEncryptionKey.FromFile;
    string? anchor = Environment.GetEnvironmentVariable("RON_KMS_ANCHOR");
    string[] rest = args[1..];
    if (rest is ["--passphrase-file", _, ..])
    {
        (file, read, rest) = (rest[1], KeyEncryptionKey.FromPassphraseFile, rest[2..]);
    }
    else if (rest is [not "--anchor", ..])
    {
        (file, rest) = (rest[0], rest[1..]);
    }

    if (rest is ["--anchor", _])
    {
        (anchor, rest) = (rest[1], []);
    }

    if (rest.Length > 0 || args[0].StartsWith('-') || file?.StartsWith('-') == true)
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    try
    {
        KeystoreOptions options = new() { Anchor = string.IsNullOrEmpty(anchor) ? null : new FileAnchor(PathOf(anchor)) };
        options.UsePostQuantum();
        StoreReport report = StoreChecker.Check(args[0], file is null ? null : read(file, false), options);
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

static string PathOf(string anchor) => anchor.StartsWith("file:", StringComparison.Ordinal)
    ? anchor["file:".Length..]
    : throw new ArgumentException($"The anchor '{anchor}' is not file:PATH.");

static void Show(string when, StoreReport report) => Console.WriteLine($"{when}:\n  {report.ToString().Replace("\n", "\n  ", StringComparison.Ordinal)}");
