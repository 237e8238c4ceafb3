using System.Text;

namespace RonKms.Capabilities.Tests;

public sealed class CapabilityVerifierTests : IDisposable
{
    private static readonly byte[] s_thirdPartyKey = Encoding.ASCII.GetBytes("thirty-two random bytes, or more");

    private readonly MintedCapabilities _minted = new();

    public void Dispose() => _minted.Dispose();

    [Fact]
    public void A_capability_permits_what_it_says_and_tells_by_which_id_and_until_when()
    {
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.AtMost(50));

        CapabilityDecision decision = _minted.Ask(Macaroon.Parse(macaroon.SerializeToText()));

        Assert.True(decision.IsAllowed);
        Assert.Equal(CapabilityRefusal.None, decision.Refusal);
        Assert.Equal(Encoding.ASCII.GetString(macaroon.Identifier.Span), decision.Id!.ToString());
        Assert.Equal(_minted.InAnHour, decision.ExpiresAt);
        Assert.Equal(_minted.InAnHour, decision.IdExpiresAt);
        Assert.Equal(50, decision.RequestsPerSecond);
        decision.ThrowIfRefused();
    }

    [Fact]
    public void Smallest_rate_and_earliest_expiry_count()
    {
        DateTimeOffset early = _minted.Clock.GetUtcNow().AddMinutes(5);
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.AtMost(50), CapabilityCaveat.AtMost(7), CapabilityCaveat.AtMost(9), CapabilityCaveat.ExpiresAt(early));

        CapabilityDecision decision = _minted.Ask(macaroon);

        Assert.Equal(7, decision.RequestsPerSecond);
        Assert.Equal(early, decision.ExpiresAt);
        Assert.Equal(_minted.InAnHour, decision.IdExpiresAt);
    }

    [Fact]
    public void A_refusal_tells_its_kind_and_no_value()
    {
        CapabilityDecision decision = _minted.Ask(_minted.Mint(CapabilityCaveat.ForTenant("other")));

        Assert.False(decision.IsAllowed);
        Assert.Null(decision.Id);
        Assert.Null(decision.ExpiresAt);
        KmsException thrown = Assert.Throws<KmsException>(decision.ThrowIfRefused);
        Assert.Equal(KmsError.CapabilityMissing, thrown.Error);
        Assert.Contains("WrongTenant", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("other", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_condition_refuses_what_it_does_not_permit()
    {
        KeyId key = MintedCapabilities.Key;
        KeyId otherVersion = KeyId.Parse(key.ToString().Replace("#v3", "#v4", StringComparison.Ordinal));
        KeyId otherKey = KeyId.Parse(key.ToString().Replace("1fa8", "2fa8", StringComparison.Ordinal));
        KeyId otherTenant = KeyId.Parse(key.ToString().Replace("acme", "other", StringComparison.Ordinal));
        CapabilityRequest sign = new(CapabilityScopes.Sign, key);

        Assert.Equal(CapabilityRefusal.None, Ask(sign));
        Assert.Equal(CapabilityRefusal.None, Ask(new(CapabilityScopes.Sign | CapabilityScopes.Read, key)));
        Assert.Equal(CapabilityRefusal.None, Ask(new(CapabilityScopes.Read, "acme")));
        Assert.Equal(CapabilityRefusal.WrongTenant, Ask(new(CapabilityScopes.Sign, otherTenant)));
        Assert.Equal(CapabilityRefusal.WrongTenant, Ask(new(CapabilityScopes.Read, "other")));
        Assert.Equal(CapabilityRefusal.WrongScope, Ask(new(CapabilityScopes.Wrap, key)));
        Assert.Equal(CapabilityRefusal.WrongScope, Ask(new(CapabilityScopes.Sign | CapabilityScopes.Rotate, key)));

        CapabilityCaveat algorithm = CapabilityCaveat.ForAlgorithms(KeyAlgorithm.P256, KeyAlgorithm.Ed25519);
        Assert.Equal(CapabilityRefusal.None, Ask(sign, algorithm));
        Assert.Equal(CapabilityRefusal.WrongAlgorithm, Ask(sign, CapabilityCaveat.ForAlgorithms(KeyAlgorithm.P256)));
        Assert.Equal(CapabilityRefusal.WrongAlgorithm, Ask(new(CapabilityScopes.Read, "acme"), algorithm));
        Assert.Equal(CapabilityRefusal.None, Ask(new(CapabilityScopes.Read, "acme", KeyAlgorithm.P256), algorithm));

        CapabilityCaveat version = CapabilityCaveat.ForKeyVersion(key);
        Assert.Equal(CapabilityRefusal.None, Ask(sign, version));
        Assert.Equal(CapabilityRefusal.WrongKey, Ask(new(CapabilityScopes.Sign, otherVersion), version));
        Assert.Equal(CapabilityRefusal.WrongKey, Ask(new(CapabilityScopes.Sign, key.Latest), version));
        Assert.Equal(CapabilityRefusal.WrongKey, Ask(new(CapabilityScopes.Read, "acme"), version));

        CapabilityCaveat anyVersion = CapabilityCaveat.ForKey(key);
        Assert.Equal(CapabilityRefusal.None, Ask(sign, anyVersion));
        Assert.Equal(CapabilityRefusal.None, Ask(new(CapabilityScopes.Sign, otherVersion), anyVersion));
        Assert.Equal(CapabilityRefusal.None, Ask(new(CapabilityScopes.Sign, key.Latest), anyVersion));
        Assert.Equal(CapabilityRefusal.WrongKey, Ask(new(CapabilityScopes.Sign, otherKey), anyVersion));
        Assert.Equal(CapabilityRefusal.WrongKey, Ask(new(CapabilityScopes.Read, "acme", KeyAlgorithm.Ed25519), anyVersion));

        CapabilityRefusal Ask(CapabilityRequest request, params CapabilityCaveat[] more) => _minted.Ask(_minted.Mint(more), request).Refusal;
    }

    [Fact]
    public void Conditions_of_one_kind_leave_what_all_of_them_permit()
    {
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.ForScopes(CapabilityScopes.Sign | CapabilityScopes.Wrap), CapabilityCaveat.ForTenant("acme"));

        Assert.True(_minted.Ask(macaroon).IsAllowed);
        Assert.Equal(CapabilityRefusal.WrongScope, _minted.Ask(macaroon, new CapabilityRequest(CapabilityScopes.Read, MintedCapabilities.Key)).Refusal);
        Assert.Equal(CapabilityRefusal.WrongScope, _minted.Ask(macaroon, new CapabilityRequest(CapabilityScopes.Wrap, MintedCapabilities.Key)).Refusal);
        Assert.Equal(CapabilityRefusal.WrongTenant, _minted.Ask(macaroon.AddFirstPartyCaveat(CapabilityCaveat.ForTenant("other"))).Refusal);
    }

    [Fact]
    public void It_ends_on_the_second()
    {
        Macaroon macaroon = _minted.Mint();

        _minted.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.True(_minted.Ask(macaroon).IsAllowed);

        _minted.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CapabilityRefusal.Expired, _minted.Ask(macaroon).Refusal);
    }

    [Fact]
    public void Conditions_outside_the_grammar_refuse() => Assert.All(
        ["account = 3735928559", "tenant=", "rps=0", "exp=never", "é"],
        text => Assert.Equal(CapabilityRefusal.UnknownCaveat, _minted.Ask(_minted.Mint().AddFirstPartyCaveat(text)).Refusal));

    [Fact]
    public void What_another_made_is_of_an_unknown_key_or_has_a_bad_signature()
    {
        using MintedCapabilities other = new();
        Macaroon macaroon = _minted.Mint();

        Assert.Equal(CapabilityRefusal.UnknownKey, _minted.Ask(other.Mint()).Refusal);
        Assert.Equal(CapabilityRefusal.UnknownKey, _minted.Ask(Macaroon.Create(null, s_thirdPartyKey, "an id"u8)).Refusal);
        Assert.Equal(CapabilityRefusal.UnknownKey, _minted.Ask(Macaroon.Create(null, s_thirdPartyKey, [0xFF])).Refusal);
        Assert.Equal(CapabilityRefusal.UnknownKey, _minted.Ask(Macaroon.Create(null, s_thirdPartyKey, new byte[5_000])).Refusal);
        Assert.Equal(CapabilityRefusal.BadSignature, _minted.Ask(Macaroon.Create(null, s_thirdPartyKey, macaroon.Identifier.Span)).Refusal);
    }

    [Fact]
    public void Leaving_out_changing_or_reordering_conditions_is_a_bad_signature()
    {
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.AtMost(5));
        MacaroonCaveat[] caveats = [.. macaroon.Caveats];

        Assert.Equal(CapabilityRefusal.BadSignature, Refusal(caveats[..^1]));
        Assert.Equal(CapabilityRefusal.BadSignature, Refusal([.. caveats.Reverse()]));
        Assert.Equal(CapabilityRefusal.BadSignature, Refusal([.. caveats[..^1], new MacaroonCaveat("rps=6"u8.ToArray())]));
        Assert.Equal(CapabilityRefusal.BadSignature, Refusal([.. caveats, new MacaroonCaveat("rps=6"u8.ToArray())]));
        Assert.Equal(CapabilityRefusal.None, Refusal(caveats));

        CapabilityRefusal Refusal(MacaroonCaveat[] others) => _minted.Ask(new Macaroon(null, macaroon.Identifier, others, macaroon.Signature.ToArray())).Refusal;
    }

    [Fact]
    public void A_chain_without_tenant_scope_or_expiry_permits_nothing()
    {
        string[] all = ["tenant=acme", "scope=kms:sign", "exp=2030-01-01T01:00:00Z"];

        Assert.Equal(CapabilityRefusal.None, _minted.Ask(FromKeystore(all)).Refusal);
        Assert.Equal(CapabilityRefusal.Unbounded, _minted.Ask(FromKeystore([])).Refusal);
        Assert.All(all, missing => Assert.Equal(CapabilityRefusal.Unbounded, _minted.Ask(FromKeystore([.. all.Where(text => text != missing)])).Refusal));

        // As the issuer does it, without its demands.
        Macaroon FromKeystore(string[] predicates)
        {
            using SecretBytes root = _minted.Keystore.BeginCapability(out CapabilityId id);
            Macaroon macaroon = Macaroon.FromChain(Encoding.ASCII.GetBytes(id.ToString()), [], root.Reveal(), "");
            return predicates.Aggregate(macaroon, (made, predicate) => made.AddFirstPartyCaveat(predicate));
        }
    }

    [Fact]
    public void Rotation_keeps_it_until_its_version_is_disabled_or_destroyed()
    {
        Macaroon old = _minted.Mint();
        _minted.Keystore.CreateCapabilityKey();
        Macaroon fresh = _minted.Mint();

        Assert.True(_minted.Ask(old).IsAllowed);
        _minted.Keystore.Disable(_minted.CapabilityKey);
        Assert.Equal(CapabilityRefusal.KeyWithdrawn, _minted.Ask(old).Refusal);
        _minted.Keystore.Destroy(_minted.CapabilityKey);
        Assert.Equal(CapabilityRefusal.KeyWithdrawn, _minted.Ask(old).Refusal);
        Assert.True(_minted.Ask(fresh).IsAllowed);
    }

    [Fact]
    public void What_was_revoked_is_refused_with_all_that_was_made_from_it()
    {
        Macaroon macaroon = _minted.Mint();
        CapabilityDecision decision = _minted.Ask(macaroon);

        _minted.Revocations.Revoke(decision.Id!, decision.IdExpiresAt!.Value);

        Assert.Equal(CapabilityRefusal.Revoked, _minted.Ask(macaroon).Refusal);
        Assert.Equal(CapabilityRefusal.Revoked, _minted.Ask(macaroon.AddFirstPartyCaveat(CapabilityCaveat.AtMost(1))).Refusal);
        Assert.True(_minted.Ask(_minted.Mint()).IsAllowed);
    }

    [Fact]
    public void A_nonce_is_good_once_and_a_refused_request_does_not_use_it_up()
    {
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.Once("n1"), CapabilityCaveat.Once("n1"));

        Assert.Equal(CapabilityRefusal.WrongScope, _minted.Ask(macaroon, new CapabilityRequest(CapabilityScopes.Wrap, MintedCapabilities.Key)).Refusal);
        Assert.True(_minted.Ask(macaroon).IsAllowed);
        Assert.Equal(CapabilityRefusal.Replayed, _minted.Ask(macaroon).Refusal);
        Assert.Equal(CapabilityRefusal.Replayed, _minted.Ask(macaroon.AddFirstPartyCaveat(CapabilityCaveat.AtMost(1))).Refusal);
    }

    [Fact]
    public void A_nonce_is_its_capabilitys_own()
    {
        Assert.True(_minted.Ask(_minted.Mint(CapabilityCaveat.Once("n1"))).IsAllowed);
        Assert.True(_minted.Ask(_minted.Mint(CapabilityCaveat.Once("n1"))).IsAllowed);
    }

    [Fact]
    public void A_holder_cannot_have_a_nonce_forgotten_by_an_earlier_expiry()
    {
        MemoryReplayCheck small = new(capacity: 1, _minted.Clock);
        CapabilityVerifier verifier = new(_minted.Keystore, new() { TimeProvider = _minted.Clock, ReplayCheck = small });
        CapabilityRequest request = new(CapabilityScopes.Sign, MintedCapabilities.Key);
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.Once("n1"));
        Macaroon shorter = macaroon.AddFirstPartyCaveat(CapabilityCaveat.ExpiresAt(_minted.Clock.GetUtcNow().AddMinutes(1)));

        Assert.True(verifier.Verify(shorter, [], request).IsAllowed);
        _minted.Clock.Advance(TimeSpan.FromMinutes(2));

        // Another one, which would need the room of the first.
        Assert.Equal(CapabilityRefusal.Replayed, verifier.Verify(_minted.Mint(CapabilityCaveat.Once("n2")), [], request).Refusal);
        Assert.Equal(CapabilityRefusal.Replayed, verifier.Verify(macaroon, [], request).Refusal);
    }

    [Fact]
    public void Two_nonces_or_nobody_who_remembers_them_refuse()
    {
        CapabilityVerifier forgetful = new(_minted.Keystore, new() { TimeProvider = _minted.Clock });

        Assert.Equal(CapabilityRefusal.NonceNotChecked, _minted.Ask(_minted.Mint(CapabilityCaveat.Once("n1"), CapabilityCaveat.Once("n2"))).Refusal);
        Assert.Equal(
            CapabilityRefusal.NonceNotChecked,
            forgetful.Verify(_minted.Mint(CapabilityCaveat.Once("n1")), [], new CapabilityRequest(CapabilityScopes.Sign, MintedCapabilities.Key)).Refusal);
    }

    [Fact]
    public void A_third_party_must_have_agreed_for_this_capability()
    {
        Macaroon macaroon = _minted.Mint().AddThirdPartyCaveat("https://auth.example/", s_thirdPartyKey, "user is alice"u8);
        Macaroon discharge = Macaroon.Create("https://auth.example/", s_thirdPartyKey, "user is alice"u8);
        Macaroon bound = macaroon.BindDischarge(discharge);

        Assert.True(_minted.Ask(Macaroon.Parse(macaroon.SerializeToText()), Macaroon.Parse(bound.SerializeToText())).IsAllowed);
        Assert.Equal(CapabilityRefusal.MissingDischarge, _minted.Ask(macaroon).Refusal);
        Assert.Equal(CapabilityRefusal.BadDischarge, _minted.Ask(macaroon, discharge).Refusal);
        Assert.Equal(CapabilityRefusal.BadDischarge, _minted.Ask(macaroon, _minted.Mint().BindDischarge(discharge)).Refusal);
        Assert.Equal(CapabilityRefusal.BadDischarge, _minted.Ask(macaroon, bound, bound).Refusal);
        Assert.Equal(CapabilityRefusal.BadDischarge, _minted.Ask(macaroon, macaroon.BindDischarge(Macaroon.Create(null, "another key"u8, "user is alice"u8))).Refusal);
        Assert.Equal(CapabilityRefusal.MissingDischarge, _minted.Ask(macaroon, macaroon.BindDischarge(Macaroon.Create(null, s_thirdPartyKey, "user is bob"u8))).Refusal);
        Assert.Equal(CapabilityRefusal.DischargeNotAsked, _minted.Ask(_minted.Mint(), bound).Refusal);
    }

    [Fact]
    public void Conditions_of_a_discharge_narrow_and_its_own_third_parties_must_agree_too()
    {
        byte[] inner = [.. s_thirdPartyKey.Reverse()];
        Macaroon macaroon = _minted.Mint().AddThirdPartyCaveat(null, s_thirdPartyKey, "a"u8);
        Macaroon narrow = Macaroon.Create(null, s_thirdPartyKey, "a"u8).AddFirstPartyCaveat("rps=3").AddThirdPartyCaveat(null, inner, "b"u8);
        Macaroon agreed = Macaroon.Create(null, inner, "b"u8);

        Assert.Equal(3, _minted.Ask(macaroon, macaroon.BindDischarge(narrow), macaroon.BindDischarge(agreed)).RequestsPerSecond);
        Assert.Equal(CapabilityRefusal.MissingDischarge, _minted.Ask(macaroon, macaroon.BindDischarge(narrow)).Refusal);
        Assert.Equal(
            CapabilityRefusal.WrongScope,
            _minted.Ask(macaroon, macaroon.BindDischarge(narrow.AddFirstPartyCaveat("scope=kms:wrap")), macaroon.BindDischarge(agreed)).Refusal);
        Assert.Equal(
            CapabilityRefusal.UnknownCaveat,
            _minted.Ask(macaroon, macaroon.BindDischarge(narrow), macaroon.BindDischarge(agreed.AddFirstPartyCaveat("user = alice"))).Refusal);
    }

    [Fact]
    public void A_discharge_that_asks_for_itself_is_used_once()
    {
        Macaroon macaroon = _minted.Mint().AddThirdPartyCaveat(null, s_thirdPartyKey, "a"u8);
        Macaroon circular = Macaroon.Create(null, s_thirdPartyKey, "a"u8).AddThirdPartyCaveat(null, s_thirdPartyKey, "a"u8);

        Assert.Equal(CapabilityRefusal.MissingDischarge, _minted.Ask(macaroon, macaroon.BindDischarge(circular)).Refusal);
    }

    [Fact]
    public void A_verification_id_of_another_size_is_a_bad_discharge()
    {
        Macaroon macaroon = _minted.Mint().Add(new MacaroonCaveat("a"u8.ToArray(), new byte[71]));

        Assert.Equal(CapabilityRefusal.BadDischarge, _minted.Ask(macaroon, macaroon.BindDischarge(Macaroon.Create(null, s_thirdPartyKey, "a"u8))).Refusal);
    }

    [Fact]
    public void More_discharges_than_the_limit_are_refused_before_any_work()
    {
        Macaroon[] many = [.. Enumerable.Repeat(Macaroon.Create(null, s_thirdPartyKey, "a"u8), CapabilityVerifier.MaxDischarges + 1)];

        Assert.Equal(CapabilityRefusal.TooManyDischarges, _minted.Ask(_minted.Mint(), many).Refusal);
    }

    [Fact]
    public void A_failing_keystore_permits_nothing_and_says_so()
    {
        Macaroon macaroon = _minted.Mint();
        _minted.Keystore.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _minted.Ask(macaroon));
    }

    [Fact]
    public void The_arguments_are_checked()
    {
        CapabilityRequest request = new(CapabilityScopes.Sign, MintedCapabilities.Key);

        Assert.Throws<ArgumentNullException>(() => new CapabilityVerifier(null!));
        Assert.Throws<ArgumentNullException>(() => _minted.Verifier.Verify(null!, [], request));
        Assert.Throws<ArgumentNullException>(() => _minted.Verifier.Verify(_minted.Mint(), null!, request));
        Assert.Throws<ArgumentNullException>(() => _minted.Verifier.Verify(_minted.Mint(), [], null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CapabilityRequest(CapabilityScopes.None, MintedCapabilities.Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CapabilityRequest((CapabilityScopes)32, "acme"));
        Assert.Throws<ArgumentNullException>(() => new CapabilityRequest(CapabilityScopes.Sign, (KeyId)null!));
        Assert.Throws<ArgumentException>(() => new CapabilityRequest(CapabilityScopes.Sign, ""));
    }
}
