using RonKms.Custody;

namespace RonKms.Tests.Custody;

/// <summary>Every bit and every length of a small journal, opened as a store is.</summary>
public sealed class JournalDamageTests : IDisposable
{
    private readonly CraftedStore _store = new();
    private readonly int[] _ends;

    public JournalDamageTests()
    {
        KeyId aes = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        _store.AddKey(aes, new byte[32]);
        _store.Add(new CustodyEvent { Op = CustodyOp.Annex, AnnexDigest = Digest.Of("document"u8), AnnexType = "approval" });
        _store.Add(new CustodyEvent { Op = CustodyOp.Disable, Key = aes });
        int end = 0;
        _ends = [.. _store.Lines.Select(line => end += line.Length)];
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_flipped_bit_is_damage_but_for_the_last_newline_which_may_have_been_cut_short()
    {
        byte[] journal = _store.Image.Journal;
        int last = _store.Lines.Count - 1;
        for (int bit = 0; bit < journal.Length * 8; bit++)
        {
            byte[] changed = [.. journal];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (bit / 8 == journal.Length - 1)
            {
                // Without its newline, and not itself: the rest of a write. The chain alone cannot tell; an anchor would.
                Opens(changed, last, _store.Lines[last].Length);
            }
            else
            {
                Refuses(changed, $"bit {bit}");
            }
        }
    }

    [Fact]
    public void A_journal_that_was_cut_keeps_its_whole_lines_and_the_rest_is_torn()
    {
        byte[] journal = _store.Image.Journal;
        for (int length = 0; length < journal.Length; length++)
        {
            byte[] cut = journal[..length];
            int whole = _ends.Count(end => end <= length);
            bool lacksNewline = _ends.Contains(length + 1);
            if (whole == 0 && !lacksNewline)
            {
                Refuses(cut, $"cut to {length}");
            }
            else if (lacksNewline)
            {
                Opens(cut, whole + 1, 0);
            }
            else
            {
                Opens(cut, whole, length - (whole == 0 ? 0 : _ends[whole - 1]));
            }
        }
    }

    [Fact]
    public void A_cut_that_was_filled_up_with_zeros_is_torn()
    {
        byte[] journal = _store.Image.Journal;
        for (int length = 0; length < journal.Length; length++)
        {
            byte[] cut = [.. journal[..length], .. new byte[16]];
            int whole = _ends.Count(end => end <= length);
            if (whole == 0)
            {
                Refuses(cut, $"cut to {length}");
            }
            else
            {
                Opens(cut, whole, cut.Length - _ends[whole - 1]);
            }
        }
    }

    [Fact]
    public void A_hole_of_zeros_in_what_was_durable_is_damage()
    {
        byte[] journal = _store.Image.Journal;
        for (int start = 0; start < _ends[^2]; start += 7)
        {
            byte[] holed = [.. journal];
            holed.AsSpan(start, Math.Min(64, _ends[^2] - start)).Clear();
            Refuses(holed, $"zeros from {start}");
        }
    }

    [Fact]
    public void Damage_before_the_end_is_never_taken_for_a_torn_end()
    {
        // Each line but the last is spoiled, while the end is torn, too: a later line was durable when the next one was written.
        byte[] journal = _store.Image.Journal;
        for (int line = 1; line < _ends.Length - 1; line++)
        {
            byte[] spoiled = [.. journal, .. "{\"half"u8];
            spoiled[_ends[line] - 2] ^= 1;
            Refuses(spoiled, $"line {line + 1}, torn end");
            Refuses([.. spoiled, 0, 0], $"line {line + 1}, zeros");
            Refuses([.. journal[.._ends[line - 1]], .. journal[_ends[line]..]], $"line {line + 1} left out");
            Refuses([.. journal[.._ends[line - 1]], .. journal[_ends[line]..^1]], $"line {line + 1} left out, no newline");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_authentic_line_that_cannot_come_here_is_damage_even_without_its_newline(bool newline)
    {
        KeyId unknown = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        _store.Add(new CustodyEvent { Op = CustodyOp.Destroy, Key = unknown });
        Refuses(_store.Image.Journal[..(newline ? ^0 : ^1)], "a key that was never made");
    }

    [Fact]
    public void Destroying_what_is_destroyed_changes_nothing_and_nothing_undoes_it()
    {
        KeyId key = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        _store.AddKey(key, new byte[32]);
        _store.Add(new CustodyEvent { Op = CustodyOp.Destroy, Key = key });
        _store.Add(new CustodyEvent { Op = CustodyOp.Destroy, Key = key });
        using (Keystore keys = _store.Open())
        {
            Assert.Equal(KeyState.Destroyed, keys.Get(key).State);
        }

        _store.Add(new CustodyEvent { Op = CustodyOp.Enable, Key = key });
        Refuses(_store.Image.Journal, "enabled again");
    }

    private void Opens(byte[] journal, int lines, int torn)
    {
        using ImageStore image = Image(journal);
        StoreOpeningReport report = default;
        JournalReplay replay = StoreOpening.Replay(image, _store.StoreKey, 1, Digest.Of(image.Description), r => report = r);
        Assert.Equal((lines, torn), (replay.Head.Seq, report.TornBytes));
        Assert.Equal(_store.Image.Journal[.._ends[lines - 1]], image.Journal);
    }

    private void Refuses(byte[] journal, string what)
    {
        using ImageStore image = Image(journal);
        try
        {
            StoreOpening.Replay(image, _store.StoreKey, 1, Digest.Of(image.Description), _ => { });
        }
        catch (KmsException e)
        {
            Assert.True(e.Error == KmsError.SealedCorrupt, $"{what}: {e.Error}");
            Assert.Null(image.Settlement);
            return;
        }

        Assert.Fail($"{what}: it opened");
    }

    private ImageStore Image(byte[] journal) => new() { Description = _store.Image.Description, Journal = journal };
}
