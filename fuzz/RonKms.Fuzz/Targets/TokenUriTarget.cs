using System.Text;
using RonKms.Fuzz.Engine;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Fuzz.Targets;

/// <summary>PKCS#11 URIs: an object that one names is named again by what is written of it.</summary>
internal static class TokenUriTarget
{
    internal static FuzzTarget Target { get; } = new("token-uri", Run)
    {
        Expects = static e => e is ArgumentException { ParamName: null },
        Tokens =
        [
            "pkcs11:", "token=", "serial=", "manufacturer=", "model=", "slot-id=", "object=", "id=", "type=", "x-store=", "module-path=", "pin-source=",
            "pin-value=", "file:", "file://", "%00", "%ff", "%2F", "4294967295", "4294967296", ";", "?", "&",
        ],
        Seeds = static _ => new[]
        {
            "pkcs11:token=My%20token;serial=a%3bb;manufacturer=M;model=X;slot-id=7;object=kek;id=%01%aF?module-path=/usr/lib/x.so&pin-source=file:/etc/pin",
            "pkcs11:token=x;x-store=file:/var/lib/a%20b",
            "pkcs11:?pin-source=file:///etc/pin",
            "pkcs11:serial=1;type=private",
        }.Select(Encoding.ASCII.GetBytes),
        MaxSize = 512,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        TokenUri uri = TokenUri.Parse(Encoding.Latin1.GetString(input));
        string shown = uri.ToString();
        if (uri.SlotId is { } slot)
        {
            Oracle.Holds(shown.EndsWith($"{slot}'", StringComparison.Ordinal), $"{shown} is read as slot {slot}");
        }

        TokenIdentity token = new(uri.Token ?? "", uri.Serial ?? "", uri.Manufacturer ?? "", uri.Model ?? "");
        Oracle.Holds(uri.Names(uri.SlotId ?? 0, token) && uri.TokenAlone().Names(uri.SlotId ?? 0, token), "it does not name the token it names");
        Oracle.Holds(uri.PinFile is null || Path.IsPathFullyQualified(uri.PinFile), "the PIN's file is no full path");

        TokenUri written = TokenUri.Parse(TokenUri.Write(token, uri.Object ?? "", uri.Id));
        Oracle.Holds(written.Token == token.Label && written.Serial == token.Serial && written.Object == (uri.Object ?? ""), "another object is written");
        Oracle.Holds(written.Id.AsSpan().SequenceEqual(uri.Id), "another id is written");
    }
}
