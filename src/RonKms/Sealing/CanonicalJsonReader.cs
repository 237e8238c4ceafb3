using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace RonKms.Sealing;

/// <summary>Reads canonical JSON (RFC 8785) and nothing else: each text that it takes is the only one for what it says.</summary>
/// <remarks>Members in ascending order and once, no white space, integers without leading zeros, no escape that is not needed. Whatever differs is
/// a <see cref="FormatException"/>.</remarks>
internal ref struct CanonicalJsonReader
{
    private const int MaxDepth = 8;

    private readonly ReadOnlySpan<byte> _json;
    private int _at;

    internal CanonicalJsonReader(ReadOnlySpan<byte> json)
    {
        _json = json;
    }

    /// <summary>Whether everything was read.</summary>
    internal readonly bool IsAtEnd => _at == _json.Length;

    /// <summary>Begins an object; its members come next.</summary>
    internal void BeginObject() => Take((byte)'{');

    /// <summary>Goes to an object's next member, whose value comes next.</summary>
    /// <param name="name">The name of the member before, as this gave it, empty before the first; receives the member's name.</param>
    /// <returns>Whether there is one; otherwise the object is read.</returns>
    internal bool NextMember(ref ReadOnlySpan<byte> name)
    {
        if (Peek() == (byte)'}')
        {
            _at++;
            return false;
        }

        bool isFirst = _json[_at - 1] == (byte)'{';
        if (!isFirst)
        {
            Take((byte)',');
        }

        ReadOnlySpan<byte> next = String(out bool isEscaped);

        // Escapes and what is not ASCII would be ordered otherwise; no name of the formats has them.
        Require(!isEscaped && Ascii.IsValid(next) && (isFirst || name.SequenceCompareTo(next) < 0));
        Take((byte)':');
        name = next;
        return true;
    }

    /// <summary>Reads an integer from 0 up.</summary>
    internal long Integer()
    {
        Require(Utf8Parser.TryParse(_json[_at..], out long value, out int length) && value >= 0 && _json[_at] is >= (byte)'0' and <= (byte)'9');
        Require(length == 1 || _json[_at] != (byte)'0');
        _at += length;
        return value;
    }

    /// <summary>Reads a string that has nothing to escape in it: hex, a word, a name.</summary>
    internal ReadOnlySpan<byte> Plain()
    {
        ReadOnlySpan<byte> text = String(out bool isEscaped);
        Require(!isEscaped);
        return text;
    }

    /// <summary>Reads any string.</summary>
    internal string Text()
    {
        ReadOnlySpan<byte> text = String(out bool isEscaped);
        Require(Utf8.IsValid(text));
        return isEscaped ? Unescaped(text) : Encoding.UTF8.GetString(text);
    }

    /// <summary>Passes over a value of any kind.</summary>
    internal void Skip() => Skip(MaxDepth);

    private void Skip(int depth)
    {
        Require(depth > 0);
        switch (Peek())
        {
            case (byte)'"':
                _ = Text();
                break;
            case (byte)'{':
                _at++;
                ReadOnlySpan<byte> name = default;
                while (NextMember(ref name))
                {
                    Skip(depth - 1);
                }

                break;
            case (byte)'[':
                _at++;
                for (bool isFirst = true; Peek() != (byte)']'; isFirst = false)
                {
                    if (!isFirst)
                    {
                        Take((byte)',');
                    }

                    Skip(depth - 1);
                }

                _at++;
                break;
            default:
                // A number, true, false or null; how they are written is for a newer version to judge.
                int start = _at;
                while (Peek() is (byte)'+' or (byte)'-' or (byte)'.' || char.IsAsciiLetterOrDigit((char)Peek()))
                {
                    _at++;
                }

                Require(_at > start);
                break;
        }
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException();
        }
    }

    private readonly byte Peek()
    {
        Require(_at < _json.Length);
        return _json[_at];
    }

    private void Take(byte expected)
    {
        Require(Peek() == expected);
        _at++;
    }

    /// <summary>Reads what stands between two quotes, as it is written.</summary>
    private ReadOnlySpan<byte> String(out bool isEscaped)
    {
        Take((byte)'"');
        ReadOnlySpan<byte> rest = _json[_at..];
        isEscaped = false;
        int length = 0;
        while (true)
        {
            int end = rest[length..].IndexOfAny((byte)'"', (byte)'\\');
            Require(end >= 0);
            length += end;
            if (rest[length] == (byte)'"')
            {
                break;
            }

            isEscaped = true;
            Require(rest.Length - length > 2);
            length += 2;
        }

        ReadOnlySpan<byte> text = rest[..length];
        Require(!text.ContainsAnyInRange<byte>(0, 0x1F));
        _at += length + 1;
        return text;
    }

    private static string Unescaped(ReadOnlySpan<byte> text)
    {
        byte[] plain = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            plain[length++] = text[i] == (byte)'\\' ? Escaped(text, ref i) : text[i];
        }

        return Encoding.UTF8.GetString(plain.AsSpan(0, length));
    }

    private static byte Escaped(ReadOnlySpan<byte> text, ref int i)
    {
        // The bytes that are escaped, and how each is: in one way only.
        switch (text[++i])
        {
            case (byte)'"': return (byte)'"';
            case (byte)'\\': return (byte)'\\';
            case (byte)'b': return (byte)'\b';
            case (byte)'t': return (byte)'\t';
            case (byte)'n': return (byte)'\n';
            case (byte)'f': return (byte)'\f';
            case (byte)'r': return (byte)'\r';
            default:
                Require(text[i] == (byte)'u' && text.Length - i > 4 && text.Slice(i + 1, 2).SequenceEqual("00"u8));
                int high = text[i + 3] - '0';
                int low = "0123456789abcdef"u8.IndexOf(text[i + 4]);
                Require(high is 0 or 1 && low >= 0);
                int value = (16 * high) + low;
                Require(value is not ('\b' or '\t' or '\n' or '\f' or '\r'));
                i += 4;
                return (byte)value;
        }
    }
}
