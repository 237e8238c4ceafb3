using RonKms.Capabilities;
using RonKms.DevServer.Diagnostics;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Access;

/// <summary>Who sent a request: the capability in its header <c>Authorization: Bearer</c>. Every endpoint but health and metrics takes one.</summary>
internal sealed class Caller
{
    private const string Scheme = "Bearer ";
    private const string TenantCaveat = "tenant=";

    private readonly HttpContext _context;
    private readonly CapabilityGate _gate;
    private readonly CapabilityVerifier _verifier;
    private readonly Macaroon _capability;
    private bool _counted;

    private Caller(HttpContext context, string text, Macaroon capability)
    {
        _context = context;
        _gate = context.RequestServices.GetRequiredService<CapabilityGate>();
        _verifier = _gate.VerifierOfOneRequest();
        _capability = capability;

        // A name that is checked with every permission.
        Tenant = capability.Caveats.Select(caveat => System.Text.Encoding.UTF8.GetString(caveat.Identifier.Span))
            .FirstOrDefault(text => text.StartsWith(TenantCaveat, StringComparison.Ordinal))?[TenantCaveat.Length..] ?? "";
        if (Tenant.Length == 0)
        {
            throw new ProblemException(Problem.NotPermitted);
        }

        // Nothing is read, and no key looked for, on behalf of who made the capability up.
        if (_gate.RefusalOfAll(text, capability, Tenant) is var refusal and not CapabilityRefusal.None)
        {
            throw NotPermitted(refusal.ToString(), key: null);
        }
    }

    /// <summary>Whose keys it is about.</summary>
    internal string Tenant { get; }

    /// <summary>Called by the framework, before the body is read.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.Headers.Authorization is [{ } header]
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && header[Scheme.Length..] is var text
            && Macaroon.TryParse(text, out Macaroon? capability)
            ? ValueTask.FromResult<Caller?>(new Caller(context, text, capability))
            : throw new ProblemException(Problem.NoCapability);
    }

    /// <summary>Finds the key that a request names and permits its use.</summary>
    /// <param name="scope">What is to be done.</param>
    /// <param name="name">A KeyId, or <c>tenant.purpose#vN</c> for the key that is current for a purpose.</param>
    /// <param name="field">Where the name stood.</param>
    /// <returns>The key, and the keystore to use it with.</returns>
    internal (KeyId Key, IKeystore Keystore) Use(CapabilityScopes scope, string name, string field)
    {
        if (KeyId.TryParse(name, out KeyId? key))
        {
            return (key, May(new CapabilityRequest(scope, key), key));
        }

        int hash = name.IndexOf('#', StringComparison.Ordinal);
        if (hash <= Tenant.Length + 1 || !name.StartsWith(Tenant + ".", StringComparison.Ordinal))
        {
            throw new ProblemException(Problem.Malformed(field));
        }

        return Use(scope, _gate.Keystore.FindCurrent(Tenant, name[(Tenant.Length + 1)..hash]), name[(hash + 1)..], field);
    }

    /// <summary>Finds a key by its UUID alone, or by its whole name.</summary>
    /// <param name="scope">What is to be done.</param>
    /// <param name="name">The path's part, in which a slash of a KeyId is still escaped.</param>
    /// <param name="version">The version, if it is told apart.</param>
    internal (KeyId Key, IKeystore Keystore) UseFromPath(CapabilityScopes scope, string name, uint? version)
    {
        if (!Guid.TryParseExact(name, "D", out Guid uuid))
        {
            return version is null ? Use(scope, name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), "kid") : throw new ProblemException(Problem.Malformed("version"));
        }

        KeyId? key = _gate.Keystore.List(new KeyFilter { Tenant = Tenant }).FirstOrDefault(info => info.Id.Uuid == uuid)?.Id;
        return Use(scope, key, version is null ? "latest" : $"v{version}", "version");
    }

    /// <summary>Permits what is about no single key.</summary>
    internal IKeystore May(CapabilityScopes scope, string tenant, KeyAlgorithm? algorithm = null) => May(new CapabilityRequest(scope, tenant, algorithm), key: null);

    /// <summary>Ends a root and all that was made from it. Takes the root itself: what was added to one may last shorter, or be good only once.</summary>
    internal void Revoke()
    {
        if (_capability.Caveats.Count > HarnessKeystore.RootCaveats)
        {
            throw NotPermitted("Narrowed", key: null);
        }

        CapabilityDecision decision = Decide(
            new CapabilityRequest(CapabilityScopes.Read | CapabilityScopes.Sign | CapabilityScopes.Rotate | CapabilityScopes.Wrap, Tenant), key: null);
        _gate.Revocations.Revoke(decision.Id!, decision.IdExpiresAt!.Value);
    }

    private (KeyId Key, IKeystore Keystore) Use(CapabilityScopes scope, KeyId? found, string version, string field)
    {
        // Read before anything depends on whether the key is there: that is told only to who may see it.
        if (!KeyId.TryParse($"t/p/ed25519/{Guid.Empty}#{version}", out _))
        {
            throw new ProblemException(Problem.Malformed(field));
        }

        if (found is null)
        {
            _ = May(scope, Tenant);
            throw new ProblemException(Problem.Of(KmsError.NoSuchKey, retry: false));
        }

        string text = found.ToString();
        KeyId key = KeyId.Parse(string.Concat(text.AsSpan(0, text.LastIndexOf('#') + 1), version));
        return (key, May(new CapabilityRequest(scope, key), key));
    }

    private IKeystore May(CapabilityRequest request, KeyId? key) => _gate.Keystore.ForCaller(Decide(request, key).Id!.Serial.ToString("N"), Correlation.Id);

    private CapabilityDecision Decide(CapabilityRequest request, KeyId? key)
    {
        CapabilityDecision decision = _verifier.Verify(_capability, [], request);
        if (!decision.IsAllowed)
        {
            throw NotPermitted(decision.Refusal.ToString(), key);
        }

        if (!_counted && !_gate.Rates.TryCount(decision))
        {
            throw new ProblemException(Problem.TooFast, key);
        }

        _counted = true;
        return decision;
    }

    private ProblemException NotPermitted(string why, KeyId? key)
    {
        HarnessLog.NotPermitted(Logger, Correlation.Operation(_context), key?.ToString(), why, Correlation.Id);
        return new ProblemException(Problem.NotPermitted, key);
    }

    private ILogger<Caller> Logger => _context.RequestServices.GetRequiredService<ILogger<Caller>>();
}
