using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RonKms;

/// <summary>The name of a key version: <c>tenant/purpose/alg/uuid#vN</c>, or of a key's newest version: <c>…#latest</c>.</summary>
/// <remarks>
/// Immutable and thread-safe. Tenant and purpose have 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>. Parsing takes the algorithm and the UUID in any
/// letter case and nothing else that differs from the printed form. <c>#latest</c> is for input only: every answer names a version.
/// Source: docs/formats/ronk-v1.md, section 5.
/// </remarks>
public sealed class KeyId : IEquatable<KeyId>, ISpanParsable<KeyId>, ISpanFormattable
{
    /// <summary>The tenant of the library's own keys.</summary>
    internal const string OwnTenant = "ronkms";

    /// <summary>No printed name is longer: two labels, the longest algorithm, a UUID, a version.</summary>
    internal const int MaxLength = 256;

    private const int MaxLabelLength = 64;
    private const int UuidLength = 36;
    private const string LatestSuffix = "latest";

    private KeyId? _latest;

    internal KeyId(string tenant, string purpose, KeyAlgorithm algorithm, Guid uuid, uint version)
    {
        Tenant = tenant;
        Purpose = purpose;
        Algorithm = algorithm;
        Uuid = uuid;
        Version = version;
    }

    /// <summary>Who the key belongs to.</summary>
    public string Tenant { get; }

    /// <summary>What the key is for.</summary>
    public string Purpose { get; }

    /// <summary>The key's algorithm.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>What makes the key unique.</summary>
    public Guid Uuid { get; }

    /// <summary>The version, from 1; 0 where <see cref="IsLatest"/>.</summary>
    public uint Version { get; }

    /// <summary>Whether the newest version is meant, whichever it is.</summary>
    public bool IsLatest => Version == 0;

    /// <summary>The name of this key's newest version.</summary>
    public KeyId Latest => IsLatest ? this : _latest ??= WithVersion(0);

    /// <summary>Whether the purpose is one of the library's own (<c>ronkms.…</c>).</summary>
    internal bool IsReserved => IsReservedPurpose(Purpose);

    /// <summary>Reads a key's name.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The name.</returns>
    /// <exception cref="FormatException">The text is not exactly of the form.</exception>
    public static KeyId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static KeyId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, provider, out KeyId? result)
        ? result
        : throw new FormatException(HasUnknownAlgorithm(s)
            ? $"Not a key's name: its algorithm is not one of {string.Join(", ", KeyAlgorithm.All)}."
            : "Not a key's name. It is written tenant/purpose/algorithm/uuid#vN or …#latest, with 1 to 64 of A-Z a-z 0-9 . _ - for tenant and purpose.");

    /// <summary>Reads a key's name where the text is exactly of the form.</summary>
    /// <param name="s">The text.</param>
    /// <param name="result">Receives the name.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out KeyId? result) => TryParse(s.AsSpan(), null, out result);

    /// <inheritdoc cref="TryParse(string?, out KeyId?)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out KeyId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, out KeyId?)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out KeyId result) =>
        TryRead(s, like: null, out result);

    /// <summary>Reads a key's name.</summary>
    /// <param name="s">The text.</param>
    /// <param name="like">A name whose strings are used again where they are the same: journals tell of many keys of few tenants.</param>
    /// <param name="result">Receives the name.</param>
    /// <returns>Whether it is one.</returns>
    internal static bool TryRead(ReadOnlySpan<char> s, KeyId? like, [NotNullWhen(true)] out KeyId? result)
    {
        result = null;
        if (!TryTake(ref s, '/', out ReadOnlySpan<char> tenant)
            || !TryTake(ref s, '/', out ReadOnlySpan<char> purpose)
            || !TryTake(ref s, '/', out ReadOnlySpan<char> name)
            || !TryTake(ref s, '#', out ReadOnlySpan<char> uuidText)
            || !IsLabel(tenant)
            || !IsLabel(purpose)
            || KeyAlgorithm.FindByName(name) is not { } algorithm
            || uuidText.Length != UuidLength
            || !HasUuidCharacters(uuidText)
            || !Guid.TryParseExact(uuidText, "D", out Guid uuid)
            || !TryParseVersion(s, out uint version))
        {
            return false;
        }

        result = new KeyId(StringOf(tenant, like?.Tenant), StringOf(purpose, like?.Purpose), algorithm, uuid, version);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] KeyId? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Uuid == other.Uuid && Version == other.Version && IsSameKey(other));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as KeyId);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Uuid, Version);

    /// <summary>Compares two names.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they name the same version of the same key.</returns>
    public static bool operator ==(KeyId? left, KeyId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares two names.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they name different versions or keys.</returns>
    public static bool operator !=(KeyId? left, KeyId? right) => !(left == right);

    /// <inheritdoc/>
    public override string ToString() => IsLatest
        ? $"{Tenant}/{Purpose}/{Algorithm.Name}/{Uuid:D}#{LatestSuffix}"
        : string.Create(CultureInfo.InvariantCulture, $"{Tenant}/{Purpose}/{Algorithm.Name}/{Uuid:D}#v{Version}");

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        bool fits = IsLatest
            ? destination.TryWrite(CultureInfo.InvariantCulture, $"{Tenant}/{Purpose}/{Algorithm.Name}/{Uuid:D}#{LatestSuffix}", out charsWritten)
            : destination.TryWrite(CultureInfo.InvariantCulture, $"{Tenant}/{Purpose}/{Algorithm.Name}/{Uuid:D}#v{Version}", out charsWritten);
        charsWritten = fits ? charsWritten : 0;
        return fits;
    }

    /// <summary>Whether a text from which this was read is the printed form.</summary>
    internal bool IsPrinted(ReadOnlySpan<char> text) => !text[(Tenant.Length + Purpose.Length + 2)..].ContainsAnyInRange('A', 'Z');

    /// <summary>Whether text can be a tenant, a purpose or a label's name.</summary>
    internal static bool IsLabel(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxLabelLength)
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static string StringOf(ReadOnlySpan<char> text, string? known) => text.SequenceEqual(known) ? known! : text.ToString();

    // .NET's parsing takes signs and 0x in a UUID, too.
    private static bool HasUuidCharacters(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsReservedPurpose(string purpose) => purpose.StartsWith("ronkms.", StringComparison.Ordinal);

    internal KeyId WithVersion(uint version) => new(Tenant, Purpose, Algorithm, Uuid, version);

    /// <summary>Whether both name the same key, whichever version.</summary>
    internal bool IsSameKey(KeyId other) =>
        Uuid == other.Uuid
        && ReferenceEquals(Algorithm, other.Algorithm)
        && string.Equals(Purpose, other.Purpose, StringComparison.Ordinal)
        && string.Equals(Tenant, other.Tenant, StringComparison.Ordinal);

    private static bool HasUnknownAlgorithm(ReadOnlySpan<char> text) =>
        TryTake(ref text, '/', out _)
        && TryTake(ref text, '/', out _)
        && TryTake(ref text, '/', out ReadOnlySpan<char> name)
        && KeyAlgorithm.FindByName(name) is null;

    private static bool TryTake(ref ReadOnlySpan<char> rest, char end, out ReadOnlySpan<char> part)
    {
        int at = rest.IndexOf(end);
        part = at < 0 ? default : rest[..at];
        rest = at < 0 ? rest : rest[(at + 1)..];
        return at >= 0;
    }

    private static bool TryParseVersion(ReadOnlySpan<char> text, out uint version)
    {
        version = 0;
        if (text.SequenceEqual(LatestSuffix))
        {
            return true;
        }

        // No leading zero, no sign: one text a version. And no trailing NUL, which .NET's parsing passes over.
        return text.Length > 1
            && text[0] == 'v'
            && text[1] is >= '1' and <= '9'
            && !text[1..].ContainsAnyExceptInRange('0', '9')
            && uint.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }
}
