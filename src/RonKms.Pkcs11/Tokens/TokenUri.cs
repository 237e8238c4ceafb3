using System.Globalization;
using System.Text;

namespace RonKms.Pkcs11.Tokens;

/// <summary>A PKCS#11 URI (RFC 7512), as far as it names a token, an object in it, and how this process gets at it.</summary>
/// <remarks>
/// Strict: an attribute that is unknown or stands twice is refused, and so is pin-value, which would put a secret into files and logs. Texts are
/// UTF-8 without a zero byte, where a name would end for some and go on for others. The vendor attribute x-store, <c>file:PATH</c>, names where
/// the store lies.
/// </remarks>
internal sealed class TokenUri
{
    internal const string Scheme = "pkcs11:";

    private static readonly string[] s_path = ["token", "serial", "manufacturer", "model", "slot-id", "object", "id", "x-store"];
    private static readonly string[] s_query = ["module-path", "pin-source"];

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, byte[]> _attributes;

    private TokenUri(Dictionary<string, byte[]> attributes)
    {
        _attributes = attributes;
    }

    internal string? Token => Text("token");

    internal string? Serial => Text("serial");

    internal string? Manufacturer => Text("manufacturer");

    internal string? Model => Text("model");

    internal uint? SlotId { get; private init; }

    internal string? Object => Text("object");

    internal byte[]? Id => _attributes.GetValueOrDefault("id");

    internal string? Store => Text("x-store");

    internal string? ModulePath => Text("module-path");

    /// <summary>The path of the file that holds the PIN.</summary>
    internal string? PinFile { get; private init; }

    /// <summary>Reads a URI.</summary>
    /// <exception cref="ArgumentException">It is malformed; the message says where, and shows no value.</exception>
    internal static TokenUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            throw new ArgumentException($"A PKCS#11 URI begins with {Scheme}.");
        }

        Dictionary<string, byte[]> attributes = new(StringComparer.Ordinal);
        string[] parts = text[Scheme.Length..].Split('?');
        if (parts.Length > 2)
        {
            throw new ArgumentException("A PKCS#11 URI has one question mark at most; in a value it is written %3F.");
        }

        Read(parts[0], ';', s_path, attributes);
        if (parts.Length == 2)
        {
            Read(parts[1], '&', s_query, attributes);
        }

        return new TokenUri(attributes) { SlotId = SlotOf(attributes), PinFile = PinFileOf(attributes) };
    }

    /// <summary>Writes the identity of an object of a token.</summary>
    internal static string Write(TokenIdentity token, string name, ReadOnlySpan<byte> id)
    {
        StringBuilder uri = new(Scheme);
        uri.Append("token=").Append(Encoded(Encoding.UTF8.GetBytes(token.Label)));
        uri.Append(";serial=").Append(Encoded(Encoding.UTF8.GetBytes(token.Serial)));
        uri.Append(";object=").Append(Encoded(Encoding.UTF8.GetBytes(name)));
        uri.Append(";id=");
        foreach (byte one in id)
        {
            uri.Append(CultureInfo.InvariantCulture, $"%{one:x2}");
        }

        return uri.ToString();
    }

    /// <summary>The same without what names an object or a store.</summary>
    internal TokenUri TokenAlone() => new(_attributes.Where(attribute => attribute.Key is not ("object" or "id" or "x-store")).ToDictionary(StringComparer.Ordinal))
    {
        SlotId = SlotId,
        PinFile = PinFile,
    };

    /// <summary>Whether a token in a slot is one that the URI names.</summary>
    internal bool Names(ulong slot, TokenIdentity token) =>
        (SlotId is null || SlotId == slot)
        && (Token is null || Token == token.Label)
        && (Serial is null || Serial == token.Serial)
        && (Manufacturer is null || Manufacturer == token.Manufacturer)
        && (Model is null || Model == token.Model);

    /// <summary>The token's part of the URI, for messages.</summary>
    public override string ToString() => string.Join(
        ' ', s_path[..5].Where(_attributes.ContainsKey).Select(name => $"{name} '{Text(name)}'").DefaultIfEmpty("any token"));

    private static void Read(string part, char separator, string[] known, Dictionary<string, byte[]> attributes)
    {
        if (part.Length == 0)
        {
            return;
        }

        foreach (string attribute in part.Split(separator))
        {
            int equals = attribute.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? attribute : attribute[..equals];
            if (name == "pin-value")
            {
                throw new ArgumentException("A PKCS#11 URI must not hold a PIN (pin-value): it would end up in files and logs. Use pin-source=file:PATH.");
            }

            // Without a name it is all value, perhaps a PIN.
            if (equals < 0)
            {
                throw new ArgumentException($"What has no = is no attribute of a PKCS#11 URI. In this part there are {string.Join(", ", known)}.");
            }

            if (!known.Contains(name))
            {
                throw new ArgumentException($"'{name}' is no attribute that is known in this part of a PKCS#11 URI. There are {string.Join(", ", known)}.");
            }

            if (!attributes.TryAdd(name, Decoded(attribute.AsSpan(equals + 1), name)))
            {
                throw new ArgumentException($"'{name}' stands twice in the PKCS#11 URI.");
            }
        }
    }

    private static byte[] Decoded(ReadOnlySpan<char> value, string name)
    {
        List<byte> bytes = [];
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c == '%')
            {
                if (i + 2 >= value.Length
                    || !byte.TryParse(value.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte one))
                {
                    throw new ArgumentException($"'{name}' of the PKCS#11 URI has a % without two hex digits.");
                }

                bytes.Add(one);
                i += 2;
            }
            else if (char.IsAsciiLetterOrDigit(c) || "-._~:[]@!$'()*+,=&/".Contains(c, StringComparison.Ordinal))
            {
                bytes.Add((byte)c);
            }
            else
            {
                throw new ArgumentException($"'{name}' of the PKCS#11 URI has a character that must be percent-encoded.");
            }
        }

        byte[] decoded = [.. bytes];
        return name == "id" || IsText(decoded) ? decoded : throw new ArgumentException($"'{name}' of the PKCS#11 URI is not text: it has a zero byte, or is not UTF-8.");
    }

    private static bool IsText(byte[] value)
    {
        try
        {
            return !s_utf8.GetString(value).Contains('\0', StringComparison.Ordinal);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static string Encoded(ReadOnlySpan<byte> value)
    {
        StringBuilder text = new();
        foreach (byte one in value)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                text.Append((char)one);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
            }
        }

        return text.ToString();
    }

    private static uint? SlotOf(Dictionary<string, byte[]> attributes)
    {
        if (!attributes.TryGetValue("slot-id", out byte[]? value))
        {
            return null;
        }

        return uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint slot)
            ? slot
            : throw new ArgumentException("'slot-id' of the PKCS#11 URI is not a number.");
    }

    private static string? PinFileOf(Dictionary<string, byte[]> attributes)
    {
        const string File = "file:";
        if (!attributes.TryGetValue("pin-source", out byte[]? value))
        {
            return null;
        }

        string source = Encoding.UTF8.GetString(value);
        string path = source.StartsWith("file://", StringComparison.Ordinal) ? source["file://".Length..]
            : source.StartsWith(File, StringComparison.Ordinal) ? source[File.Length..]
            : source;
        return Path.IsPathFullyQualified(path)
            ? path
            : throw new ArgumentException("'pin-source' of the PKCS#11 URI is not file: and the full path of a file.");
    }

    private string? Text(string name) => _attributes.TryGetValue(name, out byte[]? value) ? Encoding.UTF8.GetString(value) : null;
}
