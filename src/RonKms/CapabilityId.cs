using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace RonKms;

/// <summary>What a capability is known by: the key version that its chain begins with, and what makes it unique. Not secret.</summary>
/// <remarks>Written <c>kid:hex</c>, the KeyId with its version and 32 lower-case hex digits. Immutable and thread-safe. Source: docs/capabilities.md.</remarks>
public sealed class CapabilityId
{
    /// <summary>The reserved purpose of the keys that capabilities begin with.</summary>
    internal const string Purpose = "ronkms.capability";

    private const int SerialLength = 32;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    internal CapabilityId(KeyId key, Guid serial)
    {
        Key = key;
        Serial = serial;
    }

    /// <summary>The version of the capability key, always a concrete one.</summary>
    public KeyId Key { get; }

    /// <summary>What makes it unique: random.</summary>
    public Guid Serial { get; }

    /// <summary>Reads an id where the text is exactly of the form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">Receives the id.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out CapabilityId? id)
    {
        id = null;
        int colon = text.LastIndexOf(':');
        if (colon < 0
            || text.Length != colon + 1 + SerialLength
            || text[(colon + 1)..].ContainsAnyExcept(s_digits)
            || !KeyId.TryParse(text[..colon], null, out KeyId? key)
            || key.IsLatest
            || key.Tenant != KeyId.OwnTenant
            || key.Purpose != Purpose
            || !ReferenceEquals(key.Algorithm, KeyAlgorithm.HmacSha256)
            || !text[..colon].SequenceEqual(key.ToString()))
        {
            return false;
        }

        id = new CapabilityId(key, Guid.ParseExact(text[(colon + 1)..], "N"));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Key}:{Serial:N}";
}
