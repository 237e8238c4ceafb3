using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RonKms;

/// <summary>What is known of a key version. Holds no secret.</summary>
public sealed record KeyInfo
{
    /// <summary>The version's name.</summary>
    public required KeyId Id { get; init; }

    /// <summary>Its state. Expiry is told by <see cref="IsExpired"/>.</summary>
    public required KeyState State { get; init; }

    /// <summary>When the version was made. Of one that was destroyed, or whose record is damaged, after a reseal, a compaction or a restore: when that was.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it expires, if it does.</summary>
    public required DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether it had expired when this was asked for.</summary>
    public required bool IsExpired { get; init; }

    /// <summary>When every version of the key is destroyed by itself, if ever.</summary>
    public required DateTimeOffset? PurgeAt { get; init; }

    /// <summary>When the configured cadence would have it rotated. A hint: nothing in the library acts on it.</summary>
    public required DateTimeOffset? RotateAfter { get; init; }

    /// <summary>The key's highest version, the only one that signs, wraps and encapsulates.</summary>
    public required uint LatestVersion { get; init; }

    /// <summary>Whether this version is that one.</summary>
    public bool IsLatest => Id.Version == LatestVersion;

    /// <summary>The labels that the version was made with. A rotation hands on those of the version before.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Whether the version was imported rather than made here.</summary>
    public required bool IsImported { get; init; }

    /// <summary>Where the secret acts: "software", or the name of a hardware backend; "unknown" where it is in a device and the keystore was opened
    /// without that device's backend, and in a keystore with one, where the version's record is gone or damaged. In a keystore without such a backend <c>List</c> reads no records
    /// for it: it says "software" of a version that was not looked at yet.</summary>
    public required string Backend { get; init; }

    /// <summary>What computes with it: "libsodium", "platform", "managed", or the name of a hardware backend; <see langword="null"/> where nothing here does.</summary>
    public required string? Provider { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        // Values are any text: escaped, so that they cannot pass for another line of a log.
        IEnumerable<string> labels = Labels.Select(label => $"{label.Key}={JsonEncodedText.Encode(label.Value)}");
        builder.Append(
            CultureInfo.InvariantCulture,
            $"Id = {Id}, State = {State}, CreatedAt = {CreatedAt:O}, NotAfter = {NotAfter:O}, IsExpired = {IsExpired}, PurgeAt = {PurgeAt:O}, ");
        builder.Append(
            CultureInfo.InvariantCulture,
            $"RotateAfter = {RotateAfter:O}, LatestVersion = {LatestVersion}, IsLatest = {IsLatest}, Labels = [{string.Join(", ", labels)}], ");
        builder.Append(CultureInfo.InvariantCulture, $"IsImported = {IsImported}, Backend = {Backend}, Provider = {Provider}");
        return true;
    }
}
