using System.Globalization;
using System.Text;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Fuzz.Targets;

/// <summary>Makes changed journal lines ones that a holder of the store's key could have written: any other is refused for its MAC alone.</summary>
internal static class JournalText
{
    /// <summary>The key of the vectors' journals, vectors/ronk/journals.json.</summary>
    internal static StoreKey StoreKey { get; } = new(
        new Guid("0dbb11b2-db16-4044-88dc-61c1936431c4"),
        SecretBytes.CopyOf(Convert.FromHexString("a58eeb3675c60bad73517ec2c8b2f56050a1714c660deb8326da89af0575c6e4")));

    /// <summary>Words of a line.</summary>
    internal static IReadOnlyList<string> Tokens { get; } =
    [
        "{\"alg\":\"", "\"anchor\":\"", "\"base\":", "\"digest\":\"", "\"from\":{\"gen\":", "\"head\":\"", "\"kid\":\"", "\"labels\":{\"", "\"mac\":\"",
        "\"not_after_ms\":", "\"op\":\"", "\"prev\":\"", "\"public\":\"", "\"reason\":\"", "\"record\":\"", "\"seq\":", "\"state\":\"", "\"store\":\"",
        "\"store_id\":\"", "\"time_ms\":", "\"type\":\"", "\"disabled\"", "\"enabled\"", "\"destroyed\"", "\"open_store\"", "\"create\"", "\"import\"",
        "\"rotate\"", "\"disable\"", "\"enable\"", "\"destroy\"", "\"rewrap\"", "\"annex\"", "\"state\"", "#v1", "#v2", "#latest", "\\u0000", "\\\"", "\n", ",", "}",
        .. KeyAlgorithm.All.Select(algorithm => algorithm.Name),
    ];

    /// <summary>A line with the right MAC, where it has a place for one.</summary>
    internal static byte[] WithMac(byte[] line)
    {
        ReadOnlySpan<byte> name = "\"mac\":\""u8;
        int at = line.AsSpan().LastIndexOf(name);
        int end = at + name.Length + (2 * Digest.Size) + 2;
        if (at < 0 || end > line.Length)
        {
            return line;
        }

        byte[] rest = [.. line.AsSpan(0, at), .. line.AsSpan(end)];
        byte[] mac = new byte[Digest.Size];
        StoreKey.MacJournalLine(rest, mac);
        return [.. line.AsSpan(0, at), .. name, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(mac)), .. "\","u8, .. line.AsSpan(end)];
    }

    /// <summary>A journal whose lines are numbered and chained, each with its MAC. The first keeps its number and what it goes on from.</summary>
    internal static byte[] Chained(ReadOnlySpan<byte> journal)
    {
        using MemoryStream chained = new();
        byte[] previous = [];
        long seq = 0;
        while (!journal.IsEmpty)
        {
            int end = journal.IndexOf((byte)'\n');
            byte[] line = journal[..(end < 0 ? journal.Length : end)].ToArray();
            journal = end < 0 ? [] : journal[(end + 1)..];
            if (previous.Length > 0)
            {
                line = WithDigits(line, "\"prev\":\""u8, Digest.Of(previous).ToString());
                line = WithDigits(line, "\"seq\":"u8, (seq + 1).ToString(CultureInfo.InvariantCulture));
            }

            previous = WithMac(line);
            seq = SeqOf(previous);
            chained.Write(previous);
            if (end >= 0)
            {
                chained.WriteByte((byte)'\n');
            }
        }

        return chained.ToArray();
    }

    private static long SeqOf(byte[] line)
    {
        ReadOnlySpan<byte> name = "\"seq\":"u8;
        int at = line.AsSpan().LastIndexOf(name);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(line.AsSpan(at + name.Length), out long seq, out _) ? seq & RonkCodec.MaxTimeMs : 0;
    }

    private static byte[] WithDigits(byte[] line, ReadOnlySpan<byte> name, string digits)
    {
        int start = line.AsSpan().LastIndexOf(name) + name.Length;
        if (start < name.Length)
        {
            return line;
        }

        int length = line.AsSpan(start).IndexOfAny((byte)'"', (byte)',', (byte)'}');
        return length < 0 ? line : [.. line.AsSpan(0, start), .. Encoding.ASCII.GetBytes(digits), .. line.AsSpan(start + length)];
    }
}
