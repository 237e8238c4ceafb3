using System.Globalization;

namespace RonKms.Storage;

/// <summary>The file name of a key version: <c>uuid.vN.ronk</c> for the sealed record, <c>uuid.vN.pub</c> for what is left of it.</summary>
/// <param name="Key">The key's UUID.</param>
/// <param name="Version">The key's version, from 1.</param>
/// <param name="Extension"><see cref="Record"/> or <see cref="Remains"/>.</param>
internal readonly record struct RecordName(Guid Key, uint Version, string Extension)
{
    internal const string Record = ".ronk";
    internal const string Remains = ".pub";
    private const int UuidLength = 36;
    private const string VersionMark = ".v";

    /// <summary>The directory that it lies in: the first two hex digits of the UUID.</summary>
    internal string Directory => Key.ToString("D")[..2];

    /// <summary>Whether a directory's name is one that records lie in.</summary>
    internal static bool IsDirectory(string name) => name.Length == 2 && name.All(char.IsAsciiHexDigitLower);

    /// <summary>The file's name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Key:D}{VersionMark}{Version}{Extension}");

    /// <summary>Reads a name; only the exact spelling that is written is taken.</summary>
    internal static bool TryParse(string directory, string name, out RecordName parsed)
    {
        parsed = default;
        string extension = name.EndsWith(Record, StringComparison.Ordinal) ? Record : Remains;
        int versionStart = UuidLength + VersionMark.Length;
        if (!name.EndsWith(extension, StringComparison.Ordinal) || name.Length <= versionStart + extension.Length) return false;
        if (!Guid.TryParseExact(name.AsSpan(0, UuidLength), "D", out Guid key)) return false;
        ReadOnlySpan<char> digits = name.AsSpan()[versionStart..^extension.Length];
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint version)) return false;

        // .NET's parsing takes capitals, and signs in a UUID; leading zeros, and trailing NULs.
        Span<char> printed = stackalloc char[UuidLength];
        parsed = new RecordName(key, version, extension);
        return digits[0] != '0'
            && !digits.ContainsAnyExceptInRange('0', '9')
            && name.AsSpan(UuidLength, VersionMark.Length).SequenceEqual(VersionMark)
            && key.TryFormat(printed, out _)
            && name.StartsWith(printed, StringComparison.Ordinal)
            && name.AsSpan(0, 2).SequenceEqual(directory);
    }
}
