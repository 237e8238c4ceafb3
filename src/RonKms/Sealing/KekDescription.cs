using System.Text;
using System.Text.Json;

namespace RonKms.Sealing;

/// <summary>What a store says of its key-encryption key: the kind, and what it takes to find or derive the key again. No secret.</summary>
/// <remarks>Immutable. Values are strings or integers of 0 to 2^53 − 1. Source: docs/formats/ronk-v1.md, section 2.</remarks>
public sealed class KekDescription
{
    private readonly SortedList<string, object> _members;

    private KekDescription(SortedList<string, object> members)
    {
        _members = members;
    }

    /// <summary>The kind: <c>keyfile</c>, <c>passphrase</c>, <c>pkcs11</c>.</summary>
    public string Kind => GetString("kind") ?? string.Empty;

    /// <summary>Describes a key of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The description.</returns>
    public static KekDescription OfKind(string kind) =>
        new KekDescription(new SortedList<string, object>(StringComparer.Ordinal)).With("kind", kind);

    /// <summary>The same with one more member.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The new description.</returns>
    public KekDescription With(string name, string value) => WithMember(name, value);

    /// <inheritdoc cref="With(string, string)"/>
    public KekDescription With(string name, long value) => WithMember(name, value);

    /// <summary>A member that is a string.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its value, or <see langword="null"/> where there is none, or another type's.</returns>
    public string? GetString(string name) => _members.GetValueOrDefault(name) as string;

    /// <summary>A member that is an integer.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its value, or <see langword="null"/> where there is none, or another type's.</returns>
    public long? GetInteger(string name) => _members.GetValueOrDefault(name) as long?;

    /// <summary>Whether there are just these members, so that nothing unknown is passed over.</summary>
    /// <param name="names">The names, <c>kind</c> among them.</param>
    /// <returns>Whether it is so.</returns>
    public bool HasExactly(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (!_members.ContainsKey(name))
            {
                return false;
            }
        }

        return _members.Count == names.Length;
    }

    internal void Write(CanonicalJson json)
    {
        json.BeginObject();
        foreach ((string name, object value) in _members)
        {
            if (value is long integer)
            {
                json.Member(Encoding.UTF8.GetBytes(name), integer);
            }
            else
            {
                json.Member(Encoding.UTF8.GetBytes(name), (string)value);
            }
        }

        json.EndObject();
    }

    /// <summary>Reads a description; the reader stands on its opening brace, and then on its closing one.</summary>
    internal static KekDescription? Read(ref Utf8JsonReader reader)
    {
        SortedList<string, object> members = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            object? value = !reader.Read() ? null
                : reader.TokenType == JsonTokenType.String ? reader.GetString()
                : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long integer) && integer is >= 0 and <= RonkCodec.MaxTimeMs ? integer
                : null;
            if (value is null || !members.TryAdd(name, value))
            {
                return null;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && members.ContainsKey("kind") ? new KekDescription(members) : null;
    }

    private KekDescription WithMember(string name, object value) =>
        new(new SortedList<string, object>(_members, StringComparer.Ordinal) { { name, value } });
}
