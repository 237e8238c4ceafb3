using System.Runtime.Versioning;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Durability;

/// <summary>Lets each file operation of each change fail, in each way that it can: the old state or the new one is left, the caller is
/// told, and what is unknown is not written on.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeystoreFaultTests
{
    private const string Proof = "proof";

    private static readonly KeyChange[] Before =
    [
        KeyChange.Create("signing", KeyAlgorithm.Ed25519), KeyChange.Rotate("signing"),
        KeyChange.Create("wrapping", KeyAlgorithm.Aes256Gcm), KeyChange.Create("other", KeyAlgorithm.Ed25519),
    ];

    private static readonly KeyChange[] Changes =
    [
        KeyChange.Create("new", KeyAlgorithm.Ed25519), KeyChange.Create("new", KeyAlgorithm.Aes256Gcm), KeyChange.Import("new", 1),
        KeyChange.Rotate("signing"), KeyChange.Rotate("wrapping"), KeyChange.Disable("signing"),
        KeyChange.Destroy("signing"), KeyChange.Destroy("wrapping"), KeyChange.DestroyAll("signing"),
    ];

    public static TheoryData<int> ChangeNumbers => [.. Enumerable.Range(0, Changes.Length)];

    [Theory]
    [MemberData(nameof(ChangeNumbers))]
    public void A_change_that_fails_leaves_the_old_state_or_the_new(int number)
    {
        using TemporaryDirectory model = TemporaryDirectory.InMemory();
        (StoreState before, StoreState after) = Run(model["store"], Changes[number]);
        FailEach(
            root => StoreImage.Copy(model["prepared"], root),
            (root, files) =>
            {
                files.IsArmed = false;
                using Keystore keys = TestKeystore.Open(root, files);
                files.IsArmed = true;
                try
                {
                    Changes[number].Make(keys);
                }
                catch (KmsException)
                {
                    // What was read before goes on being read; what is written next is either refused, or the failed change never happened.
                    KeyId other = keys.FindCurrent("acme", "other")!;
                    if (!files.IsCrash) Assert.True(keys.Verify(other, "message"u8, keys.Sign(other, "message"u8)));
                    if (!files.IsCrash && MayGoOn(keys)) Assert.Equal(before, StoreState.Of(keys, except: Proof));
                    throw;
                }
            },
            (root, hasSucceeded) =>
            {
                using Keystore keys = TestKeystore.Open(root);
                StoreState found = StoreState.Of(keys, except: Proof);
                Assert.True(hasSucceeded ? found.Equals(after) : found.IsBetween(before, after), $"{found}, and not {before} or {after}");
                TestKeystore.AssertFilesFit(keys, root);
            },
            6);
    }

    [Fact]
    public void A_store_that_is_not_made_whole_is_none() => FailEach(
        _ => { },
        (root, files) => TestKeystore.OpenOrCreate(root, files).Dispose(),
        (root, hasSucceeded) =>
        {
            bool exists = File.Exists(Path.Combine(root, "store.json"));
            Assert.True(exists || !hasSucceeded);
            using Keystore keys = exists ? TestKeystore.Open(root) : TestKeystore.OpenOrCreate(root);
            Assert.Equal(StoreState.Empty, StoreState.Of(keys));
            keys.Create("acme", "new", KeyAlgorithm.Ed25519);
            TestKeystore.AssertFilesFit(keys, root);
        },
        30);

    [Fact]
    public void A_settling_that_fails_is_done_again()
    {
        using TemporaryDirectory model = TemporaryDirectory.InMemory();
        StoreState settled = Damage(model["store"], model["prepared"]);
        FailEach(
            root => StoreImage.Copy(model["prepared"], root),
            (root, files) => TestKeystore.Open(root, files).Dispose(),
            (root, _) =>
            {
                using Keystore keys = TestKeystore.Open(root);
                Assert.Equal(settled, StoreState.Of(keys));
                TestKeystore.AssertFilesFit(keys, root);
                string[] lost = [.. Directory.GetFiles(Path.Combine(root, "lost")).Where(path => !path.EndsWith(".tmp", StringComparison.Ordinal))];
                Assert.Contains(lost, path => File.ReadAllText(path) == "{\"torn");
                Assert.Contains(lost, path => path.EndsWith(".ronk", StringComparison.Ordinal));
            },
            40);
    }

    private static (StoreState Before, StoreState After) Run(string root, KeyChange change)
    {
        using (Keystore keys = TestKeystore.OpenOrCreate(root))
        {
            foreach (KeyChange earlier in Before) earlier.Make(keys);
        }

        StoreImage.Copy(root, Path.Combine(Path.GetDirectoryName(root)!, "prepared"));
        using Keystore reopened = TestKeystore.Open(root);
        StoreState before = StoreState.Of(reopened);
        change.Make(reopened);
        return (before, StoreState.Of(reopened));
    }

    /// <summary>Leaves a store as crashes do: a torn line, a record that no line names and half of one, a destruction that only the journal knows.</summary>
    private static StoreState Damage(string root, string damaged)
    {
        StoreState state;
        using (Keystore keys = TestKeystore.OpenOrCreate(root))
        {
            foreach (KeyChange earlier in Before) earlier.Make(keys);
        }

        StoreImage.Copy(root, damaged);
        using (Keystore keys = TestKeystore.Open(root))
        {
            KeyChange.Destroy("other").Make(keys);
            state = StoreState.Of(keys);
        }

        string journal = Path.Combine("g1", "journal.jsonl");
        StoreImage.Write(Path.Combine(damaged, journal), [.. File.ReadAllBytes(Path.Combine(root, journal)), .. "{\"torn"u8]);
        string record = Directory.EnumerateFiles(damaged, "*.ronk", SearchOption.AllDirectories).First();
        StoreImage.CopyFile(record, record.Replace(".v", ".v9", StringComparison.Ordinal));
        StoreImage.Write(record.Replace(".v", ".v8", StringComparison.Ordinal) + ".tmp", "half"u8);
        return state;
    }

    private static bool MayGoOn(Keystore keys)
    {
        try
        {
            keys.Create("acme", Proof, KeyAlgorithm.Ed25519);
            return true;
        }
        catch (KmsException refusal)
        {
            Assert.Equal(KmsError.StoreFailed, refusal.Error);
            Assert.Contains("until the store is reopened", refusal.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static void FailEach(
        Action<string> prepare, Action<string, FaultyFiles> act, Action<string, bool> check, int fewest)
    {
        int faults = 0;
        int operations = 0;
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            for (int failing = 1; ; failing++)
            {
                using TemporaryDirectory directory = TemporaryDirectory.InMemory();
                string root = directory["store"];
                prepare(root);
                var files = new FaultyFiles(failing, fault);
                KmsException? failure = null;
                try
                {
                    act(root, files);
                }
                catch (KmsException thrown)
                {
                    failure = thrown;
                    Assert.Equal(KmsError.StoreFailed, thrown.Error);
                }

                if (!files.CouldFail) continue;

                try
                {
                    check(root, failure is null);
                }
                catch (Exception unexpected)
                {
                    Assert.Fail($"Operation {failing} ({files.Failed}), {fault}: {unexpected}");
                }

                if (!files.HasFailed)
                {
                    Assert.Null(failure);
                    operations = files.Count;
                    Assert.True(operations >= fewest, $"Only {operations} operations were seen.");
                    break;
                }

                faults++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{faults} faults in {operations} operations");
    }
}
