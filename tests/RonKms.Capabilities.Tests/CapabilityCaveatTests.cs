namespace RonKms.Capabilities.Tests;

public sealed class CapabilityCaveatTests
{
    private static readonly KeyId s_key = KeyId.Parse("acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#v3");

    [Fact]
    public void Each_condition_is_written_in_one_way_and_reads_back()
    {
        (string Text, CapabilityCaveat Caveat)[] all =
        [
            ("tenant=acme", CapabilityCaveat.ForTenant("acme")),
            ("scope=kms:sign", CapabilityCaveat.ForScopes(CapabilityScopes.Sign)),
            ("scope=kms:read,kms:sign,kms:rotate,kms:wrap", CapabilityCaveat.ForScopes(CapabilityCaveat.AllScopes)),
            ("alg=ed25519,mldsa65", CapabilityCaveat.ForAlgorithms(KeyAlgorithm.Ed25519, KeyAlgorithm.MLDsa65)),
            ("kid=acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#v3", CapabilityCaveat.ForKeyVersion(s_key)),
            ("kid=acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3", CapabilityCaveat.ForKey(s_key)),
            ("exp=2026-11-21T10:00:00Z", CapabilityCaveat.ExpiresAt(new DateTimeOffset(2026, 11, 21, 11, 0, 0, 999, TimeSpan.FromHours(1)))),
            ("nonce=7f3a", CapabilityCaveat.Once("7f3a")),
            ("rps=50", CapabilityCaveat.AtMost(50)),
        ];

        Assert.All(all, pair =>
        {
            Assert.Equal(pair.Text, pair.Caveat.ToString());
            Assert.True(CapabilityCaveat.TryParse(pair.Text, out CapabilityCaveat? read));
            Assert.Equal(pair.Text, read.ToString());
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("tenant")]
    [InlineData("tenant=")]
    [InlineData("tenant=a/b")]
    [InlineData("tenant= acme")]
    [InlineData("tenant=acme ")]
    [InlineData("tenant=acme\n")]
    [InlineData("Tenant=acme")]
    [InlineData(" tenant=acme")]
    [InlineData("tenant =acme")]
    [InlineData("tenant=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("tenant=é")]
    [InlineData("tenant=a=b")]
    [InlineData("scope=")]
    [InlineData("scope=read")]
    [InlineData("scope=kms:*")]
    [InlineData("scope=kms:admin")]
    [InlineData("scope=kms:Sign")]
    [InlineData("scope=kms:sign,")]
    [InlineData("scope=,kms:sign")]
    [InlineData("scope=kms:sign, kms:read")]
    [InlineData("scope=kms:sign,kms:sign")]
    [InlineData("scope=kms:sign,kms:admin")]
    [InlineData("alg=")]
    [InlineData("alg=ED25519")]
    [InlineData("alg=md5")]
    [InlineData("alg=ed25519,md5")]
    [InlineData("alg=ed25519,ed25519")]
    [InlineData("kid=")]
    [InlineData("kid=#v1")]
    [InlineData("kid=acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#latest")]
    [InlineData("kid=acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#v0")]
    [InlineData("kid=acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#")]
    [InlineData("kid=acme/signing/ed25519/1FA80C9D-2575-43a5-b91d-d99c5f6e0bf3#v1")]
    [InlineData("kid=acme/signing/Ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3")]
    [InlineData("kid=acme/signing/ed25519/*")]
    [InlineData("exp=")]
    [InlineData("exp=1795255200")]
    [InlineData("exp=2026-11-21")]
    [InlineData("exp=2026-11-21T10:00:00")]
    [InlineData("exp=2026-11-21T10:00:00z")]
    [InlineData("exp=2026-11-21t10:00:00Z")]
    [InlineData("exp=2026-11-21 10:00:00Z")]
    [InlineData("exp=2026-11-21T10:00:00.5Z")]
    [InlineData("exp=2026-11-21T10:00:00+00:00")]
    [InlineData("exp=2026-11-21T10:00:60Z")]
    [InlineData("exp=2026-11-21T24:00:00Z")]
    [InlineData("exp=2026-02-29T10:00:00Z")]
    [InlineData("exp=2026-13-01T10:00:00Z")]
    [InlineData("exp=0000-01-01T10:00:00Z")]
    [InlineData("exp= 2026-11-21T10:00:00Z")]
    [InlineData("nonce=")]
    [InlineData("nonce=a b")]
    [InlineData("rps=")]
    [InlineData("rps=0")]
    [InlineData("rps=-1")]
    [InlineData("rps=+1")]
    [InlineData("rps=01")]
    [InlineData("rps=1.5")]
    [InlineData("rps=1000001")]
    [InlineData("rps=99999999999999999999")]
    [InlineData("rps=1\0")]
    [InlineData("time < 2026-11-21T10:00:00Z")]
    [InlineData("ip=127.0.0.1")]
    public void Everything_else_is_no_condition(string text) => Assert.False(CapabilityCaveat.TryParse(text, out _));

    [Fact]
    public void Bytes_that_are_not_ascii_and_long_texts_are_no_condition()
    {
        Assert.False(CapabilityCaveat.TryParse([.. "tenant="u8, 0xFF], out _));
        Assert.False(CapabilityCaveat.TryParse("scope=" + string.Join(',', Enumerable.Repeat("kms:sign", 100_000)), out _));
    }

    [Fact]
    public void Conditions_that_could_not_be_read_are_not_made()
    {
        Assert.Throws<ArgumentException>(() => CapabilityCaveat.ForTenant("a/b"));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapabilityCaveat.ForScopes(CapabilityScopes.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapabilityCaveat.ForScopes((CapabilityScopes)16));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapabilityCaveat.ForScopes((CapabilityScopes)(-1)));
        Assert.Throws<ArgumentException>(() => CapabilityCaveat.ForAlgorithms());
        Assert.Throws<ArgumentException>(() => CapabilityCaveat.ForAlgorithms(KeyAlgorithm.P256, KeyAlgorithm.P256));
        Assert.Throws<ArgumentException>(() => CapabilityCaveat.ForKeyVersion(s_key.Latest));
        Assert.Throws<ArgumentException>(() => CapabilityCaveat.Once(""));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapabilityCaveat.AtMost(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CapabilityCaveat.AtMost(1_000_001));
    }

    [Theory]
    [InlineData("scope=kms:wrap,kms:sign", "scope=kms:sign,kms:wrap")]
    [InlineData("alg=mldsa65,ed25519", "alg=ed25519,mldsa65")]
    public void A_list_in_another_order_means_the_same_and_keeps_its_text(string text, string sorted)
    {
        Assert.True(CapabilityCaveat.TryParse(text, out CapabilityCaveat? caveat));
        Assert.True(CapabilityCaveat.TryParse(sorted, out CapabilityCaveat? same));

        Assert.Equal(text, caveat.ToString());
        Assert.Equal(same.Scopes, caveat.Scopes);
        Assert.All([CapabilityScopes.Read, CapabilityScopes.Sign, CapabilityScopes.Rotate, CapabilityScopes.Wrap], scope =>
        {
            CapabilityRequest request = new(scope, s_key);
            Assert.Equal(same.Judge(request, DateTimeOffset.UnixEpoch), caveat.Judge(request, DateTimeOffset.UnixEpoch));
        });
    }

    [Fact]
    public void A_list_of_all_algorithms_is_short_enough_to_be_read()
    {
        CapabilityCaveat all = CapabilityCaveat.ForAlgorithms([.. KeyAlgorithm.All]);

        Assert.True(CapabilityCaveat.TryParse(all.ToString(), out _));
    }
}
