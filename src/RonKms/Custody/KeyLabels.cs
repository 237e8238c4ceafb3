using System.Text;

namespace RonKms.Custody;

/// <summary>Checks a key's labels.</summary>
internal static class KeyLabels
{
    private const int MaxCount = 16;
    private const int MaxValueSize = 256;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The labels in the journal's order: by name, as UTF-16 code units compare.</summary>
    /// <exception cref="ArgumentException">There are too many, or one is not allowed.</exception>
    internal static KeyValuePair<string, string>[] Check(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
        {
            return [];
        }

        KeyValuePair<string, string>[] sorted = [.. labels.OrderBy(label => label.Key, StringComparer.Ordinal)];
        return AreAllowed(sorted)
            ? sorted
            : throw new ArgumentException(
                $"A key has at most {MaxCount} labels, each of another name; a name has 1 to 64 of A-Z a-z 0-9 . _ -, and a value at most {MaxValueSize} bytes of UTF-8.");
    }

    /// <summary>Whether the journal can hold these labels, in this order.</summary>
    internal static bool AreAllowed(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        string? last = null;
        foreach ((string name, string value) in labels)
        {
            if (!KeyId.IsLabel(name) || value is null || !IsValue(value) || string.CompareOrdinal(last, name) >= 0)
            {
                return false;
            }

            last = name;
        }

        return labels.Count <= MaxCount;
    }

    private static bool IsValue(string value)
    {
        try
        {
            return s_strictUtf8.GetByteCount(value) <= MaxValueSize;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
