using System.Text;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>By which a token is known again: what it says of itself, without the blanks that pad it.</summary>
/// <param name="Label">The label.</param>
/// <param name="Serial">The serial number.</param>
/// <param name="Manufacturer">The manufacturer.</param>
/// <param name="Model">The model.</param>
internal sealed record TokenIdentity(string Label, string Serial, string Manufacturer, string Model)
{
    internal static TokenIdentity Of(in CK_TOKEN_INFO info) =>
        new(Text(info.label), Text(info.serialNumber), Text(info.manufacturerID), Text(info.model));

    private static string Text(ReadOnlySpan<byte> padded) => Encoding.UTF8.GetString(padded.TrimEnd((byte)' ').TrimEnd((byte)0));
}
