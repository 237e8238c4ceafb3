using RonKms.Custody;

namespace RonKms.Tests.Custody;

/// <summary>Journals that are so long that other threads help to open them: the answers are those for short ones.</summary>
public sealed class LongJournalTests : IDisposable
{
    private const int Keys = 2600;

    private static readonly Digest s_digest = Digest.Of("x"u8);

    private readonly CraftedStore _store = new();
    private readonly List<byte[]> _lines = [];
    private readonly KeyId _last;

    public LongJournalTests()
    {
        KeyId[] keys = [.. Enumerable.Range(0, Keys).Select(_ => NewKey())];
        foreach (KeyId key in keys)
        {
            _store.Add(new CustodyEvent { Op = CustodyOp.Create, Key = key, Record = s_digest, PublicKey = s_digest });
        }

        _last = keys[^1];
        _lines.AddRange(_store.Lines);
        Assert.True(_store.Image.Journal!.Length > 1024 * 1024);
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_opens_whole_also_where_its_lines_are_short()
    {
        for (int i = 0; i < 600; i++)
        {
            _store.Add(new CustodyEvent { Op = i % 2 == 0 ? CustodyOp.Disable : CustodyOp.Enable, Key = _last });
        }

        (JournalReplay replay, int torn) = Replay(_store.Image.Journal!);
        Assert.Equal((Keys + 601L, 0, Keys), (replay.Head.Seq, torn, replay.Directory.Count));
        Assert.Equal(Keys + 601L, replay.LineCount);
        Assert.Equal(Digest.Of(_store.Lines[^1].AsSpan(0, _store.Lines[^1].Length - 1)), replay.Head.Digest);
        Assert.Equal(_store.Image.Journal!.Length, replay.ValidLength);
    }

    [Fact]
    public void A_write_that_was_cut_short_is_told_of()
    {
        byte[] journal = _store.Image.Journal!;
        (JournalReplay replay, int torn) = Replay(journal[..^10]);
        Assert.Equal((Keys, _lines[^1].Length - 10), (replay.Head.Seq, torn));

        // All but its LF.
        (replay, torn) = Replay(journal[..^1]);
        Assert.Equal((Keys + 1L, 0), (replay.Head.Seq, torn));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1300)]
    [InlineData(2599)]
    public void A_changed_line_is_refused_and_named(int line)
    {
        byte[] journal = [.. _store.Image.Journal!];
        journal[_lines.Take(line).Sum(bytes => bytes.Length) + 100] ^= 1;
        KmsException refusal = Assert.Throws<KmsException>(() => Replay(journal));
        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
        Assert.Contains($"after line {line}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authentic_line_in_the_wrong_place_is_refused()
    {
        byte[] journal = [.. _lines.Take(1000).Concat(_lines.Skip(1001)).SelectMany(bytes => bytes)];
        Assert.True(journal.Length > 1024 * 1024);
        Assert.Contains("after line 1000.", Assert.Throws<KmsException>(() => Replay(journal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_key_that_is_gone_is_told_as_for_a_short_one()
    {
        byte[] journal = _store.Image.Journal!;
        JournalReplay replay = new(_store.StoreKey, 1, "test");
        _store.StoreKey.Dispose();
        Assert.Throws<ObjectDisposedException>(() => replay.Follow(journal));
    }

    private static KeyId NewKey() => new("acme", "sign", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);

    private (JournalReplay Replay, int Torn) Replay(byte[] journal)
    {
        StoreOpeningReport report = default;
        using ImageStore image = new() { Description = _store.Image.Description, Journal = journal };
        JournalReplay replay = StoreOpening.Replay(image, _store.StoreKey, 1, Digest.Of(image.Description!), told => report = told);
        return (replay, report.TornBytes);
    }
}
