using FsCheck;
using FsCheck.Fluent;

namespace RonKms.Tests.Maintenance;

/// <summary>Any one bit of any file of a store.</summary>
/// <remarks>Some bytes say nothing that anything could be compared with, and are left out: the lock's (a process id), and of what is left of a
/// destroyed version the time it was made, its end's absence in a destroyed symmetric key aside, and its nonce.</remarks>
public sealed class BitFlipTests : IDisposable
{
    private const int CreatedAt = 8;
    private const int NotAfter = 16;
    private const int NonceSize = 12;

    private readonly CheckedStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_flipped_bit_is_found_with_the_key()
    {
        Assert.Empty(_store.Check().Findings);
        Assert.Empty(_store.CheckWithoutKek().Findings);
        (string File, int At)[] bytes = [.. Directory.EnumerateFiles(_store.Root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(file => Enumerable.Range(0, (int)new FileInfo(file).Length).Where(at => IsVouchedFor(file, at)), (file, at) => (file, at))];

        // A file is as likely as any other, however long it is.
        string[] files = [.. bytes.Select(one => one.File).Distinct()];
        Gen<(string, int, int)> flips =
            from file in Gen.Elements(files)
            from at in Gen.Elements(bytes.Where(one => one.File == file).Select(one => one.At).ToArray())
            from bit in Gen.Choose(0, 7)
            select (file, at, bit);
        Prop.ForAll(flips.ToArbitrary(), flip => IsFound(flip.Item1, flip.Item2, flip.Item3))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    /// <summary>Without the key the last journal line has nothing after it that names its digest, unless an anchor does.</summary>
    [Fact]
    public void Without_the_key_it_is_found_as_far_as_digests_reach()
    {
        byte[] journal = File.ReadAllBytes(_store.Journal);
        int lastLine = journal.AsSpan()[..^1].LastIndexOf((byte)'\n') + 1;
        Prop.ForAll(Gen.Choose(0, lastLine - 1).ToArbitrary(), Gen.Choose(0, 7).ToArbitrary(), (at, bit) => Flipped(
                _store.Journal, at, bit, () => StoreChecker.Check(_store.Place, null, null, null, TestContext.Current.CancellationToken), finding => finding.IsDamage))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

        // A digit of the last line's MAC: only the anchor knows better, or the key.
        int mac = journal.AsSpan(lastLine).IndexOf("\"mac\":\""u8) + lastLine + 7;
        byte other = journal[mac] == (byte)'0' ? (byte)'1' : (byte)'0';
        journal[mac] = other;
        StoreImage.Write(_store.Journal, journal);
        Assert.True(StoreChecker.Check(_store.Place, null, null, null, TestContext.Current.CancellationToken).IsSound);
        Assert.False(_store.CheckWithoutKek().IsSound);
        Assert.False(StoreChecker.Check(_store.Place, _store.Kek(), null, null, TestContext.Current.CancellationToken).IsSound);
    }

    private static bool IsVouchedFor(string file, int at) => Path.GetExtension(file) switch
    {
        "" => false,
        ".pub" => at is < CreatedAt or >= NotAfter && at < new FileInfo(file).Length - NonceSize,
        _ => true,
    };

    private bool IsFound(string file, int at, int bit)
    {
        bool isArchived = file.Contains("archive", StringComparison.Ordinal);
        return Flipped(file, at, bit, _store.Check, _ => true)
            && (file == _store.Journal || isArchived || Flipped(file, at, bit, _store.CheckWithoutKek, finding => finding.IsDamage));
    }

    private bool Flipped(string file, int at, int bit, Func<StoreReport> check, Func<StoreFinding, bool> isIt)
    {
        byte[] bytes = File.ReadAllBytes(file);
        byte[] changed = [.. bytes];
        changed[at] ^= (byte)(1 << bit);
        StoreImage.Write(file, changed);
        try
        {
            return check().Findings.Any(isIt);
        }
        finally
        {
            StoreImage.Write(file, bytes);
        }
    }
}
