using FsCheck;
using FsCheck.Fluent;

namespace RonKms.Capabilities.Tests;

/// <summary>Whatever a holder adds, nothing more is permitted; and what is permitted is what a plain model of the grammar says.</summary>
public sealed class AttenuationPropertyTests : IDisposable
{
    private static readonly string[] s_tenants = ["acme", "other"];
    private static readonly KeyId[] s_keys =
    [
        .. from tenant in s_tenants
           from algorithm in new[] { "ed25519", "p256" }
           from version in new[] { "v1", "v2", "latest" }
           select KeyId.Parse($"{tenant}/p/{algorithm}/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#{version}"),
    ];

    private readonly MintedCapabilities _minted = new();
    private readonly DateTimeOffset _now;

    public AttenuationPropertyTests()
    {
        _now = _minted.Clock.GetUtcNow();
    }

    public void Dispose() => _minted.Dispose();

    [Fact]
    public void Adding_conditions_never_gains_a_right() => Prop.ForAll(Cases().ToArbitrary(), test =>
    {
        Macaroon minted = _minted.Mint([.. test.Minted]);
        Macaroon attenuated = test.Added.Aggregate(minted, (macaroon, text) => macaroon.AddFirstPartyCaveat(text));

        CapabilityDecision before = _minted.Ask(minted, test.Request);
        CapabilityDecision after = _minted.Ask(Macaroon.Parse(attenuated.SerializeToText()), test.Request);

        bool modelled = test.Added.All(text => Admits(text, test.Request));
        return after.IsAllowed == (before.IsAllowed && modelled)
            && (!after.IsAllowed || (after.RequestsPerSecond ?? int.MaxValue) <= (before.RequestsPerSecond ?? int.MaxValue))
            && (!after.IsAllowed || after.ExpiresAt <= before.ExpiresAt);
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(2_000));

    /// <summary>The grammar over again, as plainly as it can be said.</summary>
    private bool Admits(string text, CapabilityRequest request)
    {
        string[] parts = text.Split('=', 2);
        string value = parts.Length == 2 ? parts[1] : "";
        return parts[0] switch
        {
            "tenant" => value == request.Tenant,
            "scope" => Enum.GetValues<CapabilityScopes>().Where(scope => scope != CapabilityScopes.None && request.Scopes.HasFlag(scope))
                .All(scope => value.Split(',').Contains("kms:" + scope.ToString().ToLowerInvariant())),
            "alg" => request.Algorithm is not null && value.Split(',').Contains(request.Algorithm.Name),
            "kid" => request.Key is not null && (value.Contains('#', StringComparison.Ordinal)
                ? value == request.Key.ToString()
                : request.Key.ToString().StartsWith(value + "#", StringComparison.Ordinal)),
            "exp" => string.CompareOrdinal(value, _now.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture)) > 0,
            "rps" => value is not "0",
            _ => false,
        };
    }

    private Gen<Case> Cases()
    {
        Gen<CapabilityCaveat> caveats = Caveats();
        Gen<string> texts = Gen.Frequency(
            (9, caveats.Select(caveat => caveat.ToString())),
            (1, Gen.Elements("rps=0", "user = alice", "=", "x")));
        return from minted in Lists(caveats)
               from added in Lists(texts)
               from request in Requests()
               select new Case(minted, added, request);
    }

    private static Gen<T[]> Lists<T>(Gen<T> items) => from count in Gen.Choose(0, 4) from list in items.ArrayOf(count) select list;

    private static Gen<CapabilityScopes> Scopes() => Gen.Choose(1, (int)CapabilityCaveat.AllScopes).Select(bits => (CapabilityScopes)bits);

    private static Gen<CapabilityRequest> Requests() => Gen.Frequency(
        (4, from scopes in Scopes() from key in Gen.Elements(s_keys) select new CapabilityRequest(scopes, key)),
        (1, from scopes in Scopes() from tenant in Gen.Elements(s_tenants) select new CapabilityRequest(scopes, tenant)));

    private Gen<CapabilityCaveat> Caveats() => Gen.OneOf(
        Gen.Elements(s_tenants).Select(CapabilityCaveat.ForTenant),
        Scopes().Select(CapabilityCaveat.ForScopes),
        Gen.Elements(
            CapabilityCaveat.ForAlgorithms(KeyAlgorithm.P256), CapabilityCaveat.ForAlgorithms(KeyAlgorithm.Ed25519),
            CapabilityCaveat.ForAlgorithms(KeyAlgorithm.Ed25519, KeyAlgorithm.P256)),
        Gen.Elements(s_keys).Select(key => key.IsLatest ? CapabilityCaveat.ForKey(key) : CapabilityCaveat.ForKeyVersion(key)),
        Gen.Choose(1, 7_200).Select(seconds => CapabilityCaveat.ExpiresAt(_now.AddSeconds(seconds))),
        Gen.Choose(1, 100).Select(CapabilityCaveat.AtMost));

    private sealed record Case(CapabilityCaveat[] Minted, string[] Added, CapabilityRequest Request);
}
