using RonKms.Capabilities;
using RonKms.DevServer.Access;
using RonKms.DevServer.Problems;
using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Keys;

/// <summary>Making, rotating and showing keys.</summary>
internal static class KeyEndpoints
{
    internal static void MapKeys(this IEndpointRouteBuilder kms)
    {
        kms.MapPost("/keys", Create).WithName("create").Produces<NamedKey>(StatusCodes.Status201Created);
        kms.MapGet("/keys", List).WithName("list").Produces<KeyList>();
        kms.MapGet("/keys/{kid}", Get).WithName("get").Produces<KeyDetails>();
        kms.MapPost("/keys/{kid}/rotate", Rotate).WithName("rotate").Produces<NamedKey>();
    }

    private static IResult Create(Caller caller, CreateKeyRequest body)
    {
        if (body.Tenant.Length == 0)
        {
            throw new ProblemException(Problem.Malformed("tenant"));
        }

        KeyAlgorithm? algorithm = body.Alg is null ? null : WireAlgorithm.Parse(body.Alg, "alg");
        IKeystore kms = caller.May(CapabilityScopes.Rotate, body.Tenant, algorithm);
        KeyCreationOptions options = new() { NotAfter = NotAfter(body.Policy), Labels = body.Policy?.Labels };
        KeyId key;
        try
        {
            key = algorithm is null ? kms.CreateSigningKey(body.Tenant, body.Purpose, options) : kms.Create(body.Tenant, body.Purpose, algorithm, options);
        }
        catch (ArgumentException e) when (e.ParamName is null)
        {
            // What the options hold has no name of its own: labels, and a time that is over.
            throw new ProblemException(Problem.Malformed("policy"));
        }

        return Results.Created($"{Harness.Root}/keys/{key.Uuid}", new NamedKey(key.ToString()));
    }

    private static KeyList List(Caller caller) =>
        new([.. caller.May(CapabilityScopes.Read, caller.Tenant).List(new KeyFilter { Tenant = caller.Tenant }).Select(KeySummary.Of)]);

    private static KeyDetails Get(Caller caller, string kid, uint? version = null)
    {
        (KeyId key, IKeystore kms) = caller.UseFromPath(CapabilityScopes.Read, kid, version);
        KeyInfo info = kms.Get(key);
        KmsPublicKey? publicKey = key.Algorithm.IsAsymmetric ? kms.GetPublicKey(info.Id) : null;
        IEnumerable<KeyInfo> versions = kms.List(new KeyFilter { Tenant = key.Tenant, Purpose = key.Purpose, Algorithm = key.Algorithm, AllVersions = true })
            .Where(other => other.Id.Uuid == key.Uuid);
        return new KeyDetails(
            info.Id.ToString(),
            WireAlgorithm.NameOf(key.Algorithm),
            key.Algorithm.IsHybrid,
            KeyVersionState.Of(info),
            [.. versions.Select(KeyVersionState.Of)],
            publicKey?.Raw.ToArray(),
            publicKey is null ? null : PemOf(publicKey));
    }

    private static string? PemOf(KmsPublicKey publicKey)
    {
        try
        {
            return publicKey.ToPem();
        }
        catch (NotSupportedException)
        {
            // No standard has one for this algorithm.
            return null;
        }
    }

    /// <summary>With a version in the name, only if that is the latest one.</summary>
    private static NamedKey Rotate(Caller caller, string kid, HttpContext context)
    {
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            throw new ProblemException(Problem.Malformed());
        }

        (KeyId key, IKeystore kms) = caller.UseFromPath(CapabilityScopes.Rotate, kid, version: null);
        return new NamedKey(kms.Rotate(key).ToString());
    }

    private static DateTimeOffset? NotAfter(KeyPolicy? policy)
    {
        const long Latest = 253_402_300_799_999;
        return policy?.NotAfterMs is not { } ms ? null
            : ms is > 0 and <= Latest ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : throw new ProblemException(Problem.Malformed("not_after_ms"));
    }
}
