using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RonKms.Capabilities;

/// <summary>A condition of a capability, of the closed grammar of docs/capabilities.md. Each one narrows what is permitted. Immutable and thread-safe.</summary>
public sealed class CapabilityCaveat
{
    internal const CapabilityScopes AllScopes = CapabilityScopes.Read | CapabilityScopes.Sign | CapabilityScopes.Rotate | CapabilityScopes.Wrap;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const int MaxLabelLength = 64;
    private const int MaxRate = 1_000_000;

    // The longest is a list of all algorithms.
    private const int MaxLength = 1024;

    private readonly string _text;

    private CapabilityCaveat(CapabilityCaveatKind kind, string value)
    {
        Kind = kind;
        _text = $"{NameOf(kind)}={value}";
    }

    internal CapabilityCaveatKind Kind { get; }

    internal string? Label { get; private init; }

    internal CapabilityScopes Scopes { get; private init; }

    internal DateTimeOffset NotAfter { get; private init; }

    internal int Rate { get; private init; }

    private KeyAlgorithm[] Algorithms { get; init; } = [];

    /// <summary>Which key; <c>#latest</c> stands for all of its versions.</summary>
    private KeyId? Key { get; init; }

    /// <summary>Only for keys of this tenant: <c>tenant=acme</c>.</summary>
    /// <param name="tenant">1 to 64 of <c>A-Z a-z 0-9 . _ -</c>.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ForTenant(string tenant) => new(CapabilityCaveatKind.Tenant, CheckedLabel(tenant, nameof(tenant))) { Label = tenant };

    /// <summary>Only to do this: <c>scope=kms:read,kms:sign</c>.</summary>
    /// <param name="scopes">At least one.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ForScopes(CapabilityScopes scopes)
    {
        if (scopes is <= CapabilityScopes.None or > AllScopes)
        {
            throw new ArgumentOutOfRangeException(nameof(scopes), "At least one scope, and none but those that there are.");
        }

        return new(CapabilityCaveatKind.Scope, string.Join(',', s_scopes.Where(scope => scopes.HasFlag(scope.Scope)).Select(scope => scope.Name))) { Scopes = scopes };
    }

    /// <summary>Only with keys of these algorithms: <c>alg=ed25519,mldsa65</c>.</summary>
    /// <param name="algorithms">At least one, none twice.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ForAlgorithms(params ReadOnlySpan<KeyAlgorithm> algorithms)
    {
        KeyAlgorithm[] list = algorithms.ToArray();
        if (list.Length == 0 || list.Contains(null) || list.Distinct().Count() != list.Length)
        {
            throw new ArgumentException("At least one algorithm, and none twice.", nameof(algorithms));
        }

        return new(CapabilityCaveatKind.Algorithm, string.Join<KeyAlgorithm>(',', list)) { Algorithms = list };
    }

    /// <summary>Only with this version of a key: <c>kid=acme/signing/ed25519/…#v1</c>.</summary>
    /// <param name="version">A concrete version.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ForKeyVersion(KeyId version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return version.IsLatest
            ? throw new ArgumentException("Name a concrete version, or take ForKey.", nameof(version))
            : new(CapabilityCaveatKind.Key, version.ToString()) { Key = version };
    }

    /// <summary>Only with this key, whichever version the request names, <c>#latest</c> too: <c>kid=acme/signing/ed25519/…</c>, with no <c>#</c>.</summary>
    /// <param name="key">Any version of it.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ForKey(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string text = key.Latest.ToString();
        return new(CapabilityCaveatKind.Key, text[..text.LastIndexOf('#')]) { Key = key.Latest };
    }

    /// <summary>Only before this time: <c>exp=2026-11-21T10:00:00Z</c> (RFC 3339, UTC, whole seconds).</summary>
    /// <param name="time">The time; what is below a second is cut off.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat ExpiresAt(DateTimeOffset time)
    {
        string text = time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
        return new(CapabilityCaveatKind.Expiry, text) { NotAfter = DateTimeOffset.ParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) };
    }

    /// <summary>Only once: <c>nonce=7f3a</c>. Two different ones permit nothing.</summary>
    /// <param name="nonce">1 to 64 of <c>A-Z a-z 0-9 . _ -</c>.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat Once(string nonce) => new(CapabilityCaveatKind.Nonce, CheckedLabel(nonce, nameof(nonce))) { Label = nonce };

    /// <summary>Only so many requests a second: <c>rps=50</c>. Enforced by whoever asks the verifier.</summary>
    /// <param name="requestsPerSecond">1 to 1,000,000.</param>
    /// <returns>The condition.</returns>
    public static CapabilityCaveat AtMost(int requestsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requestsPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requestsPerSecond, MaxRate);
        return new(CapabilityCaveatKind.Rate, requestsPerSecond.ToString(CultureInfo.InvariantCulture)) { Rate = requestsPerSecond };
    }

    /// <summary>Reads a condition where the text is as these methods write it; the members of lists may stand in any order. <see cref="ToString"/> gives the same text again.</summary>
    /// <param name="text">The text.</param>
    /// <param name="caveat">Receives the condition.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out CapabilityCaveat? caveat)
    {
        caveat = null;
        int equals = text.IndexOf('=');
        if (equals < 0 || text.Length > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<char> name = text[..equals];
        string value = text[(equals + 1)..].ToString();
        caveat = name switch
        {
            "tenant" => IsLabel(value) ? ForTenant(value) : null,
            "scope" => ParseScopes(value),
            "alg" => ParseAlgorithms(value),
            "kid" => ParseKey(value),
            "exp" => ParseTime(value),
            "nonce" => IsLabel(value) ? Once(value) : null,
            "rps" => ParseRate(value),
            _ => null,
        };
        return caveat is not null;
    }

    /// <summary>The condition as it stands in a macaroon.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _text;

    internal static bool TryParse(ReadOnlySpan<byte> predicate, [NotNullWhen(true)] out CapabilityCaveat? caveat)
    {
        caveat = null;
        return predicate.Length <= MaxLength && Ascii.IsValid(predicate) && TryParse(Encoding.ASCII.GetString(predicate), out caveat);
    }

    /// <summary>Whether it permits a request, as far as it says anything of it.</summary>
    internal CapabilityRefusal Judge(CapabilityRequest request, DateTimeOffset now) => Kind switch
    {
        CapabilityCaveatKind.Tenant => RefuseUnless(request.Tenant == Label, CapabilityRefusal.WrongTenant),
        CapabilityCaveatKind.Scope => RefuseUnless((request.Scopes & Scopes) == request.Scopes, CapabilityRefusal.WrongScope),
        CapabilityCaveatKind.Algorithm => RefuseUnless(request.Algorithm is { } used && Algorithms.Contains(used), CapabilityRefusal.WrongAlgorithm),
        CapabilityCaveatKind.Key => RefuseUnless(request.Key is { } named && (Key!.IsLatest ? named.Latest : named) == Key, CapabilityRefusal.WrongKey),
        CapabilityCaveatKind.Expiry => RefuseUnless(now < NotAfter, CapabilityRefusal.Expired),

        // Counted and remembered by others.
        CapabilityCaveatKind.Nonce or CapabilityCaveatKind.Rate => CapabilityRefusal.None,
        _ => CapabilityRefusal.UnknownCaveat,
    };

    private static readonly (CapabilityScopes Scope, string Name)[] s_scopes =
    [
        (CapabilityScopes.Read, "kms:read"), (CapabilityScopes.Sign, "kms:sign"), (CapabilityScopes.Rotate, "kms:rotate"), (CapabilityScopes.Wrap, "kms:wrap"),
    ];

    private static CapabilityRefusal RefuseUnless(bool permitted, CapabilityRefusal refusal) => permitted ? CapabilityRefusal.None : refusal;

    private static string NameOf(CapabilityCaveatKind kind) => kind switch
    {
        CapabilityCaveatKind.Tenant => "tenant",
        CapabilityCaveatKind.Scope => "scope",
        CapabilityCaveatKind.Algorithm => "alg",
        CapabilityCaveatKind.Key => "kid",
        CapabilityCaveatKind.Expiry => "exp",
        CapabilityCaveatKind.Nonce => "nonce",
        CapabilityCaveatKind.Rate => "rps",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static CapabilityCaveat? ParseScopes(string value)
    {
        CapabilityScopes scopes = CapabilityScopes.None;
        foreach (string name in value.Split(','))
        {
            CapabilityScopes scope = s_scopes.FirstOrDefault(known => known.Name == name).Scope;
            if (scope == CapabilityScopes.None || scopes.HasFlag(scope))
            {
                return null;
            }

            scopes |= scope;
        }

        // The text stays as it stands in the macaroon, in its own order.
        return new(CapabilityCaveatKind.Scope, value) { Scopes = scopes };
    }

    private static CapabilityCaveat? ParseAlgorithms(string value)
    {
        List<KeyAlgorithm> algorithms = [];
        foreach (string name in value.Split(','))
        {
            if (KeyAlgorithm.FindByName(name) is not { } algorithm || algorithm.Name != name || algorithms.Contains(algorithm))
            {
                return null;
            }

            algorithms.Add(algorithm);
        }

        return ForAlgorithms([.. algorithms]);
    }

    private static CapabilityCaveat? ParseKey(string value)
    {
        bool isVersion = value.Contains('#', StringComparison.Ordinal);
        if (!KeyId.TryParse(isVersion ? value : value + "#latest", out KeyId? key) || (isVersion && key.IsLatest))
        {
            return null;
        }

        CapabilityCaveat caveat = isVersion ? ForKeyVersion(key) : ForKey(key);

        // Names are read in any letter case and written in one.
        return caveat._text.AsSpan("kid=".Length).SequenceEqual(value) ? caveat : null;
    }

    private static CapabilityCaveat? ParseTime(string value) =>
        DateTimeOffset.TryParseExact(value, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
        && ExpiresAt(time) is var caveat
        && caveat._text.AsSpan("exp=".Length).SequenceEqual(value)
            ? caveat
            : null;

    private static CapabilityCaveat? ParseRate(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int rate)
        && rate is > 0 and <= MaxRate
        && value == rate.ToString(CultureInfo.InvariantCulture)
            ? AtMost(rate)
            : null;

    private static bool IsLabel(string text) =>
        text.Length is > 0 and <= MaxLabelLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string CheckedLabel(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        return IsLabel(text) ? text : throw new ArgumentException($"A {name} has 1 to 64 of A-Z a-z 0-9 . _ -.", name);
    }
}
