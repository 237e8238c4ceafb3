using System.Runtime.Versioning;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Durability;

/// <summary>Cuts the power after each change of the disk in a keystore's life, many times over with other parts of what was not flushed:
/// what was acknowledged is there, nothing is half there, and the store always opens.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeystorePowerCutTests
{
    private const int Few = 6;
    private const int Many = 300;

    private static readonly KeyChange[] FirstLife =
    [
        KeyChange.Create("signing", KeyAlgorithm.Ed25519), KeyChange.Create("wrapping", KeyAlgorithm.Aes256Gcm), KeyChange.Rotate("signing"),
        KeyChange.Import("imported", 1), KeyChange.Disable("wrapping"), KeyChange.Destroy("imported"), KeyChange.Enable("wrapping"),
        KeyChange.Rotate("wrapping"), KeyChange.DestroyAll("signing"), KeyChange.Create("last", KeyAlgorithm.Ed25519),
    ];

    private static readonly KeyChange[] SecondLife =
        [KeyChange.Create("second", KeyAlgorithm.Ed25519), KeyChange.Rotate("second"), KeyChange.DestroyAll("second")];

    [Fact]
    public void What_was_acknowledged_survives_a_power_cut() => CutEachChange(Few, seed: 1);

    [Fact(Explicit = true)]
    public void What_was_acknowledged_survives_many_power_cuts() => CutEachChange(Many, Random.Shared.Next());

    [Fact]
    public void What_was_acknowledged_survives_a_power_cut_after_a_kill() => KillThenCut(step: 15, states: 2, seed: 1);

    [Fact(Explicit = true)]
    public void What_was_acknowledged_survives_many_power_cuts_after_many_kills() => KillThenCut(step: 1, states: 20, Random.Shared.Next());

    [Theory]
    [InlineData(Flush.File)]
    [InlineData(Flush.Data)]
    [InlineData(Flush.Directory)]
    public void A_flush_that_is_left_out_would_be_found(Flush flush) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => CutEachChange(Few, seed: 1, flush));

    private static void CutEachChange(int states, int seed, Flush? leftOut = null)
    {
        using TemporaryDirectory disk = TemporaryDirectory.InMemory();
        PowerCutFiles files = new(disk.Path) { LeftOut = leftOut };
        Expectation expected = new();
        int cuts = 0;
        files.Changed = () => Cut(files, expected, states, seed, ref cuts);
        using (Keystore keys = TestKeystore.OpenOrCreate(disk["store"], files))
        {
            expected.IsMade = true;
            expected.Make(keys, FirstLife);
        }

        using (Keystore keys = TestKeystore.Open(disk["store"], files)) expected.Make(keys, SecondLife);
        Assert.True(files.Count > 100, $"Only {files.Count} changes were seen.");
        Tell($"{cuts} crash states after {files.Count} changes, seed {seed}");
    }

    private static void KillThenCut(int step, int states, int seed)
    {
        int cuts = 0;
        for (int kill = 1; ; kill += step)
        {
            using TemporaryDirectory disk = TemporaryDirectory.InMemory();
            PowerCutFiles files = new(disk.Path, kill);
            Expectation expected = new();
            try
            {
                using Keystore keys = TestKeystore.OpenOrCreate(disk["store"], files);
                expected.IsMade = true;
                expected.Make(keys, FirstLife);
            }
            catch (KmsException failure) when (failure.Message.Contains("Injected", StringComparison.Ordinal))
            {
                // The process is gone; the next one finds what the cache holds.
            }

            bool wasKilled = files.IsCut;
            files.Restart();
            files.Changed = () => Cut(files, expected, states, seed + kill, ref cuts);
            using (Keystore keys = TestKeystore.OpenOrCreate(disk["store"], files))
            {
                expected.IsMade = true;
                expected.Found(StoreState.Of(keys));
                expected.Make(keys, SecondLife);
            }

            if (!wasKilled) break;
        }

        Tell($"{cuts} crash states after a kill at every {(step == 1 ? "change" : $"{step}th change")}, seed {seed}");
    }

    private static void Cut(PowerCutFiles files, Expectation expected, int states, int seed, ref int cuts)
    {
        for (int state = 0; state < states; state++, cuts++)
        {
            using TemporaryDirectory disk = TemporaryDirectory.InMemory();
            files.Restore(disk.Path, state == 0 ? null : new Random(HashCode.Combine(seed, files.Count, state)));
            try
            {
                Check(disk["store"], expected, goOn: state == states - 1);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Power cut after change {files.Count}, state {state}, seed {seed}, {expected.What}: {unexpected}");
            }
        }
    }

    private static void Check(string root, Expectation expected, bool goOn)
    {
        bool exists = File.Exists(Path.Combine(root, "store.json"));
        Assert.True(exists || !expected.IsMade, "The store is gone.");
        StoreState state;
        using (Keystore keys = exists ? TestKeystore.Open(root) : TestKeystore.OpenOrCreate(root))
        {
            state = StoreState.Of(keys);
            Assert.True(expected.Allows(state), $"{state}, and not {expected}");
            TestKeystore.AssertFilesFit(keys, root);
            if (!goOn) return;

            keys.Create("acme", "after", KeyAlgorithm.Ed25519);
        }

        using Keystore reopened = TestKeystore.Open(root);
        Assert.Equal(state, StoreState.Of(reopened, except: "after"));
        Assert.NotNull(reopened.FindCurrent("acme", "after"));
        TestKeystore.AssertFilesFit(reopened, root);
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
