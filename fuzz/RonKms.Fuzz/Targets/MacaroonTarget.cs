using System.Text;
using RonKms.Capabilities;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>Macaroons of every form: the binary form of what is read is read again, as the same; it has one encoding.</summary>
internal static class MacaroonTarget
{
    private static readonly byte[] s_key = new byte[32];

    internal static FuzzTarget Target { get; } = new("macaroon", Run)
    {
        Tokens =
        [
            "location ", "identifier ", "cid ", "vid ", "cl ", "signature ", "002f", "\n", "{\"v\":2,\"l\":\"", "\"i\":\"", "\"i64\":\"", "\"c\":[{", "\"v64\":\"",
            "\"s64\":\"", "\"s\":\"", "\"location\":\"", "\"identifier\":\"", "\"caveats\":[{\"cid\":\"", "\"vid\":\"", "\"cl\":\"", "\"signature\":\"", "\\ud800", "\"", "}]",
        ],
        Seeds = static _ => Seeds(),
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (!Macaroon.TryParse(input, out Macaroon? macaroon))
        {
            return;
        }

        byte[] binary = macaroon.Serialize();
        Oracle.Holds(binary.Length <= Macaroon.MaxSize && macaroon.Caveats.Count <= Macaroon.MaxCaveats, "larger than allowed");
        if (input[0] == 2)
        {
            Oracle.Same(input, binary);
        }

        Oracle.Holds(Macaroon.TryParse(binary, out Macaroon? again), "its binary form is not read");
        Oracle.Same(binary, again!.Serialize());
        Oracle.Same(binary, Macaroon.Parse(macaroon.SerializeToText()).Serialize());
        Oracle.Holds(
            macaroon.Caveats.Select(caveat => (caveat.Location, caveat.IsThirdParty)).SequenceEqual(again.Caveats.Select(caveat => (caveat.Location, caveat.IsThirdParty))),
            "its caveats are read otherwise");
    }

    private static IEnumerable<byte[]> Seeds()
    {
        Macaroon plain = Macaroon.Create("http://mybank/", s_key, "we used our secret key"u8);
        Macaroon narrowed = plain.AddFirstPartyCaveat("account = 3735928559").AddFirstPartyCaveat(CapabilityCaveat.ForTenant("acme"));
        Macaroon bound = narrowed.AddThirdPartyCaveat("http://auth.mybank/", s_key, "this was how we remind auth of key/pred"u8);
        foreach (Macaroon macaroon in new[] { plain, narrowed, bound })
        {
            yield return macaroon.Serialize();
            yield return Encoding.ASCII.GetBytes(macaroon.SerializeToText());
            yield return Encoding.UTF8.GetBytes(Json(macaroon));
            yield return Encoding.UTF8.GetBytes(FirstJson(macaroon));
            yield return Packets(macaroon);
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(Packets(macaroon)));
        }
    }

    private static string Json(Macaroon macaroon)
    {
        IEnumerable<string> caveats = macaroon.Caveats.Select(caveat => caveat.IsThirdParty
            ? $"{{\"l\":\"{caveat.Location}\",\"i\":\"{Text(caveat.Identifier)}\",\"v64\":\"{Convert.ToBase64String(caveat.VerificationId.Span)}\"}}"
            : $"{{\"i\":\"{Text(caveat.Identifier)}\"}}");
        return $"{{\"v\":2,\"l\":\"{macaroon.Location}\",\"i\":\"{Text(macaroon.Identifier)}\",\"c\":[{string.Join(',', caveats)}],\"s64\":\"{Convert.ToBase64String(macaroon.Signature)}\"}}";
    }

    private static string FirstJson(Macaroon macaroon)
    {
        IEnumerable<string> caveats = macaroon.Caveats.Select(caveat => caveat.IsThirdParty
            ? $"{{\"cid\":\"{Text(caveat.Identifier)}\",\"vid\":\"{Convert.ToBase64String(caveat.VerificationId.Span)}\",\"cl\":\"{caveat.Location}\"}}"
            : $"{{\"cid\":\"{Text(caveat.Identifier)}\"}}");
        return $"{{\"location\":\"{macaroon.Location}\",\"identifier\":\"{Text(macaroon.Identifier)}\",\"caveats\":[{string.Join(',', caveats)}],\"signature\":\"{Convert.ToHexStringLower(macaroon.Signature)}\"}}";
    }

    private static byte[] Packets(Macaroon macaroon)
    {
        List<byte> packets = [];
        Add("location", Encoding.UTF8.GetBytes(macaroon.Location ?? ""));
        Add("identifier", macaroon.Identifier.Span);
        foreach (MacaroonCaveat caveat in macaroon.Caveats)
        {
            Add("cid", caveat.Identifier.Span);
            if (caveat.IsThirdParty)
            {
                Add("vid", caveat.VerificationId.Span);
                Add("cl", Encoding.UTF8.GetBytes(caveat.Location ?? ""));
            }
        }

        Add("signature", macaroon.Signature);
        return [.. packets];

        void Add(string name, ReadOnlySpan<byte> value)
        {
            packets.AddRange(Encoding.ASCII.GetBytes($"{name.Length + value.Length + 6:x4}{name} "));
            packets.AddRange(value);
            packets.Add((byte)'\n');
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
