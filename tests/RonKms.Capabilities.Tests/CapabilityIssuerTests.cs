namespace RonKms.Capabilities.Tests;

public sealed class CapabilityIssuerTests : IDisposable
{
    private readonly MintedCapabilities _minted = new();

    public void Dispose() => _minted.Dispose();

    [Fact]
    public void A_capability_has_a_tenant_a_scope_and_an_end()
    {
        CapabilityCaveat tenant = CapabilityCaveat.ForTenant("acme");
        CapabilityCaveat scope = CapabilityCaveat.ForScopes(CapabilityScopes.Sign);
        CapabilityCaveat end = CapabilityCaveat.ExpiresAt(_minted.InAnHour);

        Assert.Equal(3, _minted.Issuer.Mint(tenant, scope, end).Caveats.Count);
        Assert.Contains("a tenant", Assert.Throws<ArgumentException>(() => _minted.Issuer.Mint(scope, end)).Message, StringComparison.Ordinal);
        Assert.Contains("a scope", Assert.Throws<ArgumentException>(() => _minted.Issuer.Mint(tenant, end)).Message, StringComparison.Ordinal);
        Assert.Contains("an expiry", Assert.Throws<ArgumentException>(() => _minted.Issuer.Mint(tenant, scope)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _minted.Issuer.Mint(tenant, scope, end, null!));
    }

    [Fact]
    public void An_end_is_later_than_now_and_within_the_longest_lifetime()
    {
        DateTimeOffset now = _minted.Clock.GetUtcNow();

        _ = _minted.Mint(CapabilityCaveat.ExpiresAt(now.AddHours(24)));
        Assert.Throws<ArgumentException>(() => _minted.Mint(CapabilityCaveat.ExpiresAt(now.AddHours(24).AddSeconds(1))));
        Assert.Throws<ArgumentException>(() => _minted.Mint(CapabilityCaveat.ExpiresAt(now)));
        Assert.Throws<ArgumentException>(() => new CapabilityIssuer(_minted.Keystore, TimeSpan.FromMinutes(59), _minted.Clock).Mint(
            CapabilityCaveat.ForTenant("acme"), CapabilityCaveat.ForScopes(CapabilityScopes.Sign), CapabilityCaveat.ExpiresAt(_minted.InAnHour)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CapabilityIssuer(_minted.Keystore, TimeSpan.Zero));
        Assert.Throws<ArgumentNullException>(() => new CapabilityIssuer(null!));
    }

    [Fact]
    public void Each_capability_is_another() => Assert.NotEqual(_minted.Mint().Serialize(), _minted.Mint().Serialize());

    [Fact]
    public void Without_a_capability_key_nothing_is_minted()
    {
        using Keystore keystore = Keystore.InMemory();
        CapabilityIssuer issuer = new(keystore, timeProvider: _minted.Clock);

        KmsException thrown = Assert.Throws<KmsException>(() => issuer.Mint(
            CapabilityCaveat.ForTenant("acme"), CapabilityCaveat.ForScopes(CapabilityScopes.Sign), CapabilityCaveat.ExpiresAt(_minted.InAnHour)));

        Assert.Equal(KmsError.NoSuchKey, thrown.Error);
        Assert.Contains("CreateCapabilityKey", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_or_too_long_conditions_are_not_minted()
    {
        CapabilityCaveat[] many = [.. Enumerable.Repeat(CapabilityCaveat.AtMost(1), Macaroon.MaxCaveats - 3)];
        CapabilityCaveat[] wide = [.. Enumerable.Repeat(CapabilityCaveat.ForAlgorithms([.. KeyAlgorithm.All]), Macaroon.MaxCaveats - 3)];

        Assert.Equal(Macaroon.MaxCaveats, _minted.Mint(many).Caveats.Count);
        Assert.Throws<ArgumentException>(() => _minted.Mint([.. many, CapabilityCaveat.AtMost(1)]));
        Assert.Throws<ArgumentException>(() => _minted.Mint(wide));
    }

    [Fact]
    public void A_caller_who_only_signs_and_authenticates_cannot_mint()
    {
        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => _minted.Keystore.ComputeMac(_minted.CapabilityKey, "an id"u8, out _)).Error);
        Assert.Throws<ArgumentException>(() => _minted.Keystore.Sign(_minted.CapabilityKey, "an id"u8));
    }
}
