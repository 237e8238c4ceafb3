using System.Diagnostics;
using System.Runtime.Versioning;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Durability;

/// <summary>What somebody can do to each file of a closed store, and what is said to it. Nothing is changed by a refusal, and every key whose
/// files are good goes on.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TamperingTests : IDisposable
{
    private const string Works = "works";
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly Dictionary<string, string> _files;
    private readonly Dictionary<string, byte[]> _others;
    private readonly KeyId _signing;
    private readonly KeyId _destroyed;
    private readonly KeyId _good;

    public TamperingTests()
    {
        using (Keystore other = TestKeystore.OpenOrCreate(_directory["other"])) other.Create("acme", "other", KeyAlgorithm.Ed25519);

        using Keystore keys = TestKeystore.OpenOrCreate(Root);
        KeyId first = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _good = keys.Create("acme", "good", KeyAlgorithm.Ed25519);
        _destroyed = keys.Create("acme", "destroyed", KeyAlgorithm.Ed25519);
        byte[] earlier = File.ReadAllBytes(PathOf(_destroyed, ".ronk"));
        keys.Destroy(_destroyed);
        KeyId alsoDestroyed = keys.Create("acme", "destroyed-too", KeyAlgorithm.Ed25519);
        keys.Destroy(alsoDestroyed);
        byte[] journal = File.ReadAllBytes(Journal);
        _signing = keys.Rotate(first);

        _files = new Dictionary<string, string>
        {
            ["description"] = Path.Combine(Root, "store.json"),
            ["lock"] = Path.Combine(Root, "lock"),
            ["journal"] = Journal,
            ["record"] = PathOf(_signing, ".ronk"),
            ["remains"] = PathOf(_destroyed, ".pub"),
        };
        _others = new Dictionary<string, byte[]>
        {
            ["journal older"] = journal,
            ["record older"] = File.ReadAllBytes(PathOf(first, ".ronk")),
            ["remains older"] = earlier,
            ["description swapped"] = File.ReadAllBytes(_directory["other", "store.json"]),
            ["journal swapped"] = File.ReadAllBytes(_directory["other", "g1", "journal.jsonl"]),
            ["record swapped"] = File.ReadAllBytes(PathOf(_good, ".ronk")),
            ["remains swapped"] = File.ReadAllBytes(PathOf(alsoDestroyed, ".pub")),
        };
    }

    /// <summary>File, what is done to it, what the opening says, what the use of the key says.</summary>
    public static TheoryData<string, string, string, string> Table => new()
    {
        { "description", "swapped", nameof(KmsError.SealedCorrupt), "" },
        { "description", "deleted", nameof(KmsError.StoreNotFound), "" },
        { "description", "truncated", nameof(KmsError.SealedCorrupt), "" },
        { "description", "emptied", nameof(KmsError.SealedCorrupt), "" },
        { "description", "extended", nameof(KmsError.SealedCorrupt), "" },
        { "description", "other owner", nameof(KmsError.PermissionsTooWide), "" },
        { "description", "other mode", nameof(KmsError.PermissionsTooWide), "" },
        { "description", "link", nameof(KmsError.StoreFailed), "" },

        // The lock's content is for messages alone.
        { "lock", "deleted", Works, Works },
        { "lock", "truncated", Works, Works },
        { "lock", "emptied", Works, Works },
        { "lock", "extended", Works, Works },
        { "lock", "other owner", nameof(KmsError.PermissionsTooWide), "" },
        { "lock", "other mode", nameof(KmsError.PermissionsTooWide), "" },
        { "lock", "link", nameof(KmsError.StoreFailed), "" },

        // An older journal is a clean truncation: without an anchor it goes unseen, and the version that it does not name is not there.
        { "journal", "older", Works, nameof(KmsError.NoSuchKey) },
        { "journal", "swapped", nameof(KmsError.SealedCorrupt), "" },
        { "journal", "deleted", nameof(KmsError.SealedCorrupt), "" },
        { "journal", "truncated", Works, nameof(KmsError.NoSuchKey) },
        { "journal", "emptied", nameof(KmsError.SealedCorrupt), "" },
        { "journal", "extended", nameof(KmsError.SealedCorrupt), "" },
        { "journal", "other owner", nameof(KmsError.PermissionsTooWide), "" },
        { "journal", "other mode", nameof(KmsError.PermissionsTooWide), "" },
        { "journal", "link", nameof(KmsError.StoreFailed), "" },

        { "record", "older", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "swapped", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "deleted", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "truncated", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "emptied", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "extended", Works, nameof(KmsError.SealedCorrupt) },
        { "record", "other owner", Works, nameof(KmsError.PermissionsTooWide) },
        { "record", "other mode", Works, nameof(KmsError.PermissionsTooWide) },
        { "record", "link", Works, nameof(KmsError.StoreFailed) },

        // The journal vouches for the public key, and for nothing else that is left of a destroyed version.
        { "remains", "older", Works, Works },
        { "remains", "swapped", Works, nameof(KmsError.SealedCorrupt) },
        { "remains", "deleted", Works, nameof(KmsError.SealedCorrupt) },
        { "remains", "truncated", Works, nameof(KmsError.SealedCorrupt) },
        { "remains", "emptied", Works, nameof(KmsError.SealedCorrupt) },
        { "remains", "extended", Works, Works },
        { "remains", "other owner", Works, nameof(KmsError.PermissionsTooWide) },
        { "remains", "other mode", Works, nameof(KmsError.PermissionsTooWide) },
        { "remains", "link", Works, nameof(KmsError.StoreFailed) },
    };

    private string Root => _directory["store"];

    private string Journal => _directory["store", "g1", "journal.jsonl"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Table))]
    public void What_was_done_to_a_file_is_said_and_the_rest_goes_on(string file, string tampering, string opening, string use)
    {
        Assert.SkipUnless(tampering != "other owner" || ChildProcess.IsRoot, "Only root can give a file away.");
        string path = _files[file];
        Tamper(file, path, tampering);
        SortedDictionary<string, string> before = StoreImage.Digests(_directory.Path);
        if (opening != Works)
        {
            KmsException refusal = Assert.Throws<KmsException>(() => TestKeystore.Open(Root));
            Assert.Equal(opening, refusal.Error.ToString());
            Assert.Contains(Root, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(before, StoreImage.Digests(_directory.Path));
            return;
        }

        using Keystore keys = TestKeystore.Open(Root);
        if (file is not "journal") Assert.Equal(before, StoreImage.Digests(_directory.Path));
        Assert.True(keys.Verify(_good, "message"u8, keys.Sign(_good, "message"u8)));
        KmsError? error = Record.Exception(() => Use(keys, file)) is { } failure ? Assert.IsType<KmsException>(failure).Error : null;
        Assert.Equal(use, error?.ToString() ?? Works);
        if (file is not "journal") Assert.Equal(before, StoreImage.Digests(_directory.Path));
        Assert.True(keys.Verify(_good, "message"u8, keys.Sign(_good, "message"u8)));
        KeyId added = keys.Create("acme", "after", KeyAlgorithm.Ed25519);
        Assert.True(keys.Verify(added, "message"u8, keys.Sign(added, "message"u8)));
    }

    private void Use(Keystore keys, string file)
    {
        if (file == "remains")
        {
            Assert.Equal(32, keys.GetPublicKey(_destroyed).Raw.Length);
        }
        else
        {
            Assert.Equal(64, keys.Sign(_signing, "message"u8).Length);
        }
    }

    private void Tamper(string file, string path, string tampering)
    {
        byte[] content = File.ReadAllBytes(path);
        switch (tampering)
        {
            case "older" or "swapped":
                StoreImage.Write(path, _others[$"{file} {tampering}"]);
                break;
            case "deleted":
                File.Delete(path);
                break;
            case "truncated":
                StoreImage.Write(path, content.AsSpan(0, content.Length - 5));
                break;
            case "emptied":
                StoreImage.Write(path, []);
                break;
            case "extended":
                StoreImage.Write(path, [.. content, .. "more\n"u8]);
                break;
            case "other owner":
                using (Process chown = Process.Start("chown", ["65533", path]))
                {
                    chown.WaitForExit();
                    Assert.Equal(0, chown.ExitCode);
                }

                break;
            case "other mode":
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
                break;
            case "link":
                File.Move(path, _directory["elsewhere"]);
                File.CreateSymbolicLink(path, _directory["elsewhere"]);
                break;
            default:
                Assert.Fail(tampering);
                break;
        }
    }

    private string PathOf(KeyId id, string extension) =>
        _directory["store", "g1", "keys", id.Uuid.ToString("D")[..2], $"{id.Uuid:D}.v{id.Version}{extension}"];
}
