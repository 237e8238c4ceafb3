// Keys that outlive the process: made, sealed on disk, used on real files, rotated, verified across the rotation, and attested.
//
//   Quickstart DIRECTORY FILE…      DIRECTORY holds the store, its key file, and the signatures of the last run
using System.Text;
using RonKms;
using RonKms.Sealing;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: Quickstart DIRECTORY FILE…");
    return 2;
}

string home = Path.GetFullPath(args[0]);
string[] files = args[1..];
string keyFile = Path.Combine(home, "kek.b64");
string store = "file:" + Path.Combine(home, "store");
string receipts = Path.Combine(home, "signatures");
bool allGood = true;

// The key-encryption key lies beside the store only here: in earnest it belongs on another volume.
Directory.CreateDirectory(home);
if (!File.Exists(keyFile))
{
    KeyEncryptionKey.CreateFile(keyFile);
    Say("made", "a key-encryption key, kek.b64");
}

using (Keystore kms = Keystore.OpenOrCreate(store, KeyEncryptionKey.FromFile(keyFile)))
{
    Say("opened", $"{Counted(kms.List().Count, "key")}, {Counted(kms.CheckHealth().HeadSeq, "journal line")}, assurance {kms.Assurance}");

    KeyId signing = kms.FindCurrent("quickstart", "files") ?? Made(kms.Create("quickstart", "files", KeyAlgorithm.Ed25519));
    KeyId wrapping = kms.FindCurrent("quickstart", "envelopes") ?? Made(kms.Create("quickstart", "envelopes", KeyAlgorithm.Aes256Gcm));
    if (kms.Attest(signing).SignedBy is null)
    {
        Made(kms.CreateAttestationKey(KeyAlgorithm.Ed25519));
    }

    VerifyLastRun(kms);

    Dictionary<string, (KeyId By, byte[] Signature)> before = [];
    foreach (string file in files)
    {
        byte[] content = File.ReadAllBytes(file);
        byte[] signature = kms.Sign(signing.Latest, content, out KeyId by);
        before[file] = (by, signature);
        Say("signed", $"{Path.GetFileName(file)} ({content.Length} bytes) as #v{by.Version}: {Convert.ToHexStringLower(signature.AsSpan(0, 8))}…");

        byte[] envelope = kms.Wrap(wrapping.Latest, content, Encoding.UTF8.GetBytes(file));
        using SecretBytes opened = kms.Unwrap(wrapping, envelope, Encoding.UTF8.GetBytes(file));
        Check("wrapped", $"{Path.GetFileName(file)} into {envelope.Length} bytes, and unwrapped it", opened.Reveal().SequenceEqual(content));
    }

    KeyId rotated = kms.Rotate(signing.Latest);
    Say("rotated", $"the signing key to #v{rotated.Version}");

    List<string> lines = [];
    foreach ((string file, (KeyId by, byte[] signature)) in before)
    {
        byte[] content = File.ReadAllBytes(file);
        Check("verified", $"the signature of {Path.GetFileName(file)} by #v{by.Version}, across the rotation", kms.Verify(by, content, signature));
        byte[] next = kms.Sign(rotated, content);
        lines.Add($"{rotated} {Convert.ToHexStringLower(next)} {Path.GetFullPath(file)}");
    }

    File.WriteAllLines(receipts, lines);

    Attestation attestation = kms.Attest(rotated);
    Check(
        "attested",
        $"#v{rotated.Version}: its journal line and the head of the chain, signed",
        Attestation.Verify(attestation.Json.Span, attestation.Signature.Span, kms.GetPublicKey(attestation.SignedBy!)));
}

// Opening checks the whole journal: each line's place in the chain, and its MAC.
using (Keystore reopened = Keystore.Open(store, KeyEncryptionKey.FromFile(keyFile)))
{
    KeystoreHealth health = reopened.CheckHealth();
    Say("checked", $"the custody journal: {Counted(health.HeadSeq, "line")}, whole, head {health.Head[..16]}…");
    Say("sealed", $"{Counted(Directory.GetFiles(Path.Combine(home, "store"), "*.ronk", SearchOption.AllDirectories).Length, "key version")} on disk");
}

return allGood ? 0 : 1;

void VerifyLastRun(Keystore kms)
{
    if (!File.Exists(receipts))
    {
        return;
    }

    foreach (string line in File.ReadLines(receipts))
    {
        string[] parts = line.Split(' ', 3);
        KeyId by = KeyId.Parse(parts[0]);
        if (!File.Exists(parts[2]))
        {
            Say("skipped", $"{Path.GetFileName(parts[2])} of the last run: the file is gone");
        }
        else if (kms.Verify(by, File.ReadAllBytes(parts[2]), Convert.FromHexString(parts[1])))
        {
            Say("verified", $"the last run's signature of {Path.GetFileName(parts[2])} by #v{by.Version}");
        }
        else
        {
            Say("changed", $"{Path.GetFileName(parts[2])} since the last run: its signature no longer verifies");
        }
    }
}

KeyId Made(KeyId id)
{
    Say("made", id.ToString());
    return id;
}

void Check(string what, string detail, bool good)
{
    Say(good ? what : "FAILED", detail);
    allGood &= good;
}

static string Counted(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

static void Say(string what, string detail) => Console.WriteLine($"{what,-9} {detail}");
