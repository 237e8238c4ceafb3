using System.Text.Json.Serialization;

namespace RonKms.DevServer.Problems;

/// <summary>What is answered in place of a result (RFC 9457). Never a value of the request.</summary>
/// <param name="Error">Its name: of a <see cref="KmsError"/>, or of one of the harness's own.</param>
/// <param name="Title">What is wrong, and what to do.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Retry">Whether the same request may succeed later.</param>
/// <param name="Fields">The fields of the request that it is about.</param>
/// <param name="CorrId">What the log and the spans know the request by.</param>
internal sealed record Problem(string Error, string Title, int Status, bool Retry = false, IReadOnlyList<string>? Fields = null, string? CorrId = null)
{
    internal const string ContentType = "application/problem+json";

    /// <summary>A URI by what it is, not where it lies.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => $"urn:ronkms:problem:{Error}";

    internal static Problem Malformed(params string[] fields) =>
        new("Malformed", "The request is not of the form that the endpoint takes: see /openapi/v1.json.", StatusCodes.Status400BadRequest, Fields: fields);

    /// <summary>Of an algorithm's name that is none.</summary>
    internal static Problem NoSuchAlgorithm(string field) =>
        Malformed(field) with { Title = "There is no algorithm of that name: docs/algorithms.md has the names, as in a KeyId." };

    /// <summary>Of a key whose algorithm is for something else.</summary>
    internal static Problem AnotherKind(string field) =>
        Malformed(field) with { Title = "The key's algorithm does not do this. Compare with GET /v1/kms/keys." };

    /// <summary>Of #latest where one version alone can be meant.</summary>
    internal static Problem NeedsVersion(string field) =>
        Malformed(field) with { Title = "Name the version, #vN, as it was answered: #latest may be another one by now." };

    internal static Problem NoCapability { get; } = new(
        nameof(KmsError.CapabilityMissing), "Send a capability: Authorization: Bearer, and a macaroon.", StatusCodes.Status401Unauthorized);

    internal static Problem NotPermitted { get; } = new(
        nameof(KmsError.CapabilityMissing), "The capability does not permit this. The log says why.", StatusCodes.Status403Forbidden);

    internal static Problem TooFast { get; } = new(
        "RateLimited", "More requests a second than the capability permits.", StatusCodes.Status429TooManyRequests, Retry: true);

    /// <summary>Of a status that comes without more.</summary>
    internal static Problem Of(int status) => status switch
    {
        StatusCodes.Status404NotFound => new("NotFound", "There is no such endpoint: see /openapi/v1.json.", status),
        StatusCodes.Status405MethodNotAllowed => new("MethodNotAllowed", "The endpoint takes another method: see /openapi/v1.json.", status),
        StatusCodes.Status413PayloadTooLarge => new("TooLarge", "A request has at most 1 MiB.", status),
        StatusCodes.Status415UnsupportedMediaType => new("UnsupportedMediaType", "Send JSON: Content-Type: application/json.", status),
        StatusCodes.Status503ServiceUnavailable => new("Overloaded", "All places are taken. Try again later.", status, Retry: true),
        _ => Malformed() with { Status = status },
    };

    /// <summary>Of a failure of the library. Its message may name keys, so it stays here.</summary>
    internal static Problem Of(KmsError error, bool retry)
    {
        (int status, string title) = error switch
        {
            KmsError.NoSuchKey => (StatusCodes.Status404NotFound, "There is no such key, or no such version of it. Compare with GET /v1/kms/keys."),
            KmsError.AlgUnavailable => (StatusCodes.Status422UnprocessableEntity, "Nothing here provides that algorithm."),
            KmsError.Expired => (StatusCodes.Status409Conflict, "The key has expired. Rotate it."),
            KmsError.NotLatestVersion => (StatusCodes.Status409Conflict, "A later version took this one's place. Name that, or #latest."),
            KmsError.KeyDisabled => (StatusCodes.Status409Conflict, "The key version is disabled."),
            KmsError.KeyDestroyed => (StatusCodes.Status410Gone, "The key version is destroyed."),
            KmsError.DecryptionFailed => (StatusCodes.Status422UnprocessableEntity, "It does not open: another key, other associated data, or changed."),
            KmsError.DowngradeRefused => (StatusCodes.Status422UnprocessableEntity, "RON_KMS_PQ_MODE refuses what a classical algorithm alone would protect."),
            KmsError.CapabilityMissing => (NotPermitted.Status, NotPermitted.Title),
            KmsError.Denied or KmsError.Frozen => (StatusCodes.Status403Forbidden, "A rule of this keystore forbids it."),
            KmsError.Entropy or KmsError.Busy or KmsError.StoreLocked or KmsError.StoreStale or KmsError.TokenUnavailable =>
                (StatusCodes.Status503ServiceUnavailable, "Not now. Try again later."),
            _ => (StatusCodes.Status500InternalServerError, "The keystore failed. The log says more."),
        };
        return new Problem(Enum.GetName(error) ?? nameof(KmsError.Internal), title, status, retry);
    }
}
