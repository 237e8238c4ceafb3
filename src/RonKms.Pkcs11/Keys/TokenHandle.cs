using System.Diagnostics.CodeAnalysis;
using System.Text;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>What a sealed record says of a key that is in a token: in which one, and the key's CKA_ID there.</summary>
/// <remarks><c>version u8 ‖ serial length u8 ‖ serial ‖ label length u8 ‖ label ‖ id length u8 ‖ id</c>; in version 2, of keys that have no public
/// half, the check value follows. Source: docs/formats/ronk-v1.md, section 1.</remarks>
internal sealed class TokenHandle
{
    /// <summary>The size of new ids, random, in bytes.</summary>
    internal const int IdSize = 16;

    /// <summary>The size of check values in bytes.</summary>
    internal const int CheckSize = 16;

    private const byte WithoutCheck = 1;
    private const byte WithCheck = 2;
    private const int MaxTextSize = 255;

    internal TokenHandle(string serial, string label, byte[] id, byte[] check)
    {
        Serial = serial;
        Label = label;
        Id = id;
        Check = check;
    }

    internal string Serial { get; }

    internal string Label { get; }

    internal byte[] Id { get; }

    /// <summary>By which a key that has no public half is known again; empty for the others, and for keys that were made before there were any.</summary>
    internal byte[] Check { get; }

    internal static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TokenHandle? handle)
    {
        handle = null;
        if (bytes.IsEmpty || bytes[0] is not (WithoutCheck or WithCheck))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = bytes[1..];
        if (!TryTake(ref rest, out ReadOnlySpan<byte> serial) || !TryTake(ref rest, out ReadOnlySpan<byte> label)
            || !TryTake(ref rest, out ReadOnlySpan<byte> id) || id.Length < IdSize
            || rest.Length != (bytes[0] == WithCheck ? CheckSize : 0))
        {
            return false;
        }

        handle = new TokenHandle(Encoding.UTF8.GetString(serial), Encoding.UTF8.GetString(label), id.ToArray(), rest.ToArray());
        return true;
    }

    internal SecretBytes Encode()
    {
        byte[] serial = Encoding.UTF8.GetBytes(Serial);
        byte[] label = Encoding.UTF8.GetBytes(Label);
        byte[] bytes =
            [Check.Length == 0 ? WithoutCheck : WithCheck, Length(serial), .. serial, Length(label), .. label, Length(Id), .. Id, .. Check];
        return SecretBytes.CopyOf(bytes);
    }

    internal bool IsIn(TokenIdentity token) => Serial == token.Serial && Label == token.Label;

    private static byte Length(byte[] value) => value.Length <= MaxTextSize ? (byte)value.Length : throw new ArgumentException($"At most {MaxTextSize} bytes.");

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.IsEmpty || rest.Length < 1 + rest[0])
        {
            return false;
        }

        value = rest.Slice(1, rest[0]);
        rest = rest[(1 + value.Length)..];
        return true;
    }
}
