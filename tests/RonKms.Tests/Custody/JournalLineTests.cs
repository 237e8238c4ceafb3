using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Tests.Custody;

/// <summary>A line that is read can be written in no other way, whatever a holder of the store's key puts his MAC to.</summary>
public sealed class JournalLineTests : IDisposable
{
    // What JSON, hex, names and UTF-8 are made of, and what stands just beside it.
    private static readonly byte[] s_bytes = [.. "\"\\{}[],:/#+-.09afgAFnuv \n"u8, 0, 0x1F, 0x7F, 0x80, 0xC3, 0xFF];

    private static readonly Gen<Digest> s_digests = Gen.Choose(0, int.MaxValue).Select(seed => Digest.Of(BitConverter.GetBytes(seed)));
    private static readonly Gen<long> s_integers = Gen.OneOf(Gen.Choose(0, 200).Select(value => (long)value), Gen.Constant(RonkCodec.MaxTimeMs));

    private static readonly Gen<string> s_texts = Gen.Elements("", "none", "a/b", "\"", "\\", "\0\b\t\n\f\r\u001f", "\u007f\u0080", "ä€", "\U0001F511", "\"mac\":\"0\",").ArrayOf()
        .Select(parts => string.Concat(parts.Take(4)));

    private static readonly Gen<KeyId> s_keys =
        from algorithm in Gen.Elements(KeyAlgorithm.Ed25519, KeyAlgorithm.Aes256Gcm)
        from uuid in Gen.Choose(0, int.MaxValue)
        from version in Gen.Elements(1u, 2u, 10u, uint.MaxValue)
        from tenant in Gen.Elements("a", "ACME-1", "mac")
        select new KeyId(tenant, "b._", algorithm, new Guid(Digest.Of(BitConverter.GetBytes(uuid)).Span[..16]), version);

    private static readonly Gen<CustodyEvent> s_events =
        from op in Gen.Elements(Enum.GetValues<CustodyOp>())
        from numbers in s_integers.ArrayOf(4)
        from digests in s_digests.ArrayOf(4)
        from texts in s_texts.ArrayOf(3)
        from key in s_keys
        from state in Gen.Elements(Enum.GetValues<KeyState>())
        from labels in Gen.Choose(0, 2)
        select Event(op, numbers, digests, texts, key, state, labels);

    private readonly StoreKey _storeKey = StoreKey.Generate();
    private readonly JournalLineWriter _writer = new();

    public void Dispose() => _storeKey.Dispose();

    [Fact]
    public void An_event_reads_back_as_it_was_written() => Prop.ForAll(s_events.ToArbitrary(), e =>
    {
        JournalLineReader reader = new(_storeKey);
        Assert.Equal(JournalLineStatus.Valid, reader.Read(Write(e), out CustodyEvent? read));
        Assert.Equal(e.Labels, read!.Labels);
        Assert.Equal(e, read with { Labels = e.Labels });
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(1000));

    [Fact]
    public void Whatever_is_read_is_what_would_be_written()
    {
        int read = 0;
        int refused = 0;
        Prop.ForAll(s_events.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (e, seed) =>
        {
            Random random = new(seed);
            JournalLineReader reader = new(_storeKey);
            reader.BeginLines();
            byte[] line = Write(e);
            for (int i = 0; i < line.Length; i++)
            {
                Try([.. line[..i], .. line[(i + 1)..]]);
                byte[] others = [.. random.GetItems(s_bytes, 3), (byte)random.Next(256), (byte)(line[i] ^ 0x20), (byte)(line[i] + 1)];
                foreach (byte other in others)
                {
                    Try([.. line[..i], other, .. line[(i + 1)..]]);
                    Try([.. line[..i], other, .. line[i..]]);
                }
            }

            reader.EndLines();

            void Try(byte[] changed)
            {
                Authenticate(changed);
                if (reader.Read(changed, out CustodyEvent? other) == JournalLineStatus.Valid)
                {
                    read++;
                    Assert.Equal(Encoding.Latin1.GetString(changed), Encoding.Latin1.GetString(Write(other!)));
                }
                else
                {
                    refused++;
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(40));
        Assert.True(read > 1000 && refused > 10_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void A_reader_ready_for_several_lines_says_the_same_of_each() => Prop.ForAll(s_events.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (e, seed) =>
    {
        JournalLineReader one = new(_storeKey);
        JournalLineReader several = new(_storeKey);
        several.BeginLines();
        byte[] line = Write(e);
        Assert.Equal(JournalLineStatus.Valid, several.Read(line, out CustodyEvent? first));
        line[seed % line.Length] ^= 1;
        Assert.Equal(one.Read(line, out _), several.Read(line, out _));
        line[seed % line.Length] ^= 1;
        Assert.Equal(JournalLineStatus.Valid, several.Read(line, out CustodyEvent? again));
        Assert.Equal(first! with { Labels = [] }, again! with { Labels = first.Labels } with { Labels = [] });
        several.EndLines();
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));

    private static CustodyEvent Event(CustodyOp op, long[] numbers, Digest[] digests, string[] texts, KeyId key, KeyState state, int labels)
    {
        CustodyEvent e = new() { Op = op, Seq = numbers[0] + (numbers[0] == 0 ? 1 : 0), Base = numbers[1], TimeMs = numbers[2], Prev = digests[0] };
        return op switch
        {
            CustodyOp.Create or CustodyOp.Import or CustodyOp.Rotate or CustodyOp.State => e with
            {
                Key = key,
                NotAfterMs = numbers[3],
                PublicKey = key.Algorithm.IsAsymmetric ? digests[1] : null,
                State = op == CustodyOp.State ? state : null,
                Record = op == CustodyOp.State && state == KeyState.Destroyed ? null : digests[2],
                Labels = [.. new KeyValuePair<string, string>[] { new("a", texts[0]), new("mac", texts[1]) }.Take(labels)],
            },
            CustodyOp.OpenStore => e with
            {
                Store = digests[1],
                StoreId = new Guid(digests[2].Span[..16]),
                Anchor = texts[0],
                From = labels == 0 ? null : new GenerationOrigin(numbers[3] + (numbers[3] == 0 ? 1 : 0), e.Seq, digests[3]),
                Reason = labels == 0 ? null : texts[1],
            },
            CustodyOp.Rewrap => e with { Store = digests[1] },
            CustodyOp.Anchor => e with { Anchor = texts[0] },
            CustodyOp.Annex => e with { AnnexDigest = digests[1], AnnexType = texts[2] },
            _ => e with { Key = key },
        };
    }

    private byte[] Write(CustodyEvent e) => _writer.Write(e, _storeKey)[..^1];

    /// <summary>Makes a line's MAC anew, where it still has one.</summary>
    private void Authenticate(byte[] line)
    {
        int at = line.AsSpan().LastIndexOf("\"mac\":\""u8);
        if (at < 0 || line.Length < at + 73)
        {
            return;
        }

        byte[] mac = new byte[Digest.Size];
        _storeKey.MacJournalLine([.. line[..at], .. line[(at + 73)..]], mac);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(mac), line.AsSpan(at + 7, 64));
    }
}
