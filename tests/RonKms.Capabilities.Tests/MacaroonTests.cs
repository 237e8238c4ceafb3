using System.Text;

namespace RonKms.Capabilities.Tests;

public sealed class MacaroonTests
{
    private static readonly byte[] s_key = Encoding.ASCII.GetBytes("thirty-two random bytes, or more");

    [Fact]
    public void Adding_a_condition_leaves_the_macaroon_as_it_was()
    {
        Macaroon macaroon = Macaroon.Create("https://kms.example/", s_key, "id"u8);
        byte[] before = macaroon.Serialize();

        Macaroon added = macaroon.AddFirstPartyCaveat("x");

        Assert.Equal(before, macaroon.Serialize());
        Assert.Empty(macaroon.Caveats);
        Assert.Equal("x"u8.ToArray(), Assert.Single(added.Caveats).Identifier.ToArray());
        Assert.Equal("https://kms.example/", added.Location);
        Assert.Equal("id"u8.ToArray(), added.Identifier.ToArray());
    }

    [Fact]
    public void A_third_party_caveat_is_another_each_time_and_shows_no_key()
    {
        Macaroon macaroon = Macaroon.Create(null, s_key, "id"u8);

        MacaroonCaveat one = Assert.Single(macaroon.AddThirdPartyCaveat("https://auth.example/", s_key, "a"u8).Caveats);
        MacaroonCaveat other = Assert.Single(macaroon.AddThirdPartyCaveat("", s_key, "a"u8).Caveats);

        Assert.True(one.IsThirdParty);
        Assert.Equal("https://auth.example/", one.Location);
        Assert.Null(other.Location);
        Assert.Equal(72, one.VerificationId.Length);
        Assert.NotEqual(one.VerificationId.ToArray(), other.VerificationId.ToArray());
    }

    [Fact]
    public void Its_text_tells_nothing() => Assert.Equal(typeof(Macaroon).FullName, Macaroon.Create(null, s_key, "id"u8).ToString());

    [Fact]
    public void The_arguments_are_checked()
    {
        Macaroon macaroon = Macaroon.Create(null, s_key, "id"u8);

        Assert.Throws<ArgumentException>(() => Macaroon.Create(null, [], "id"u8));
        Assert.Throws<ArgumentException>(() => Macaroon.Create(null, s_key, []));
        Assert.Throws<ArgumentException>(() => macaroon.AddFirstPartyCaveat(""));
        Assert.Throws<ArgumentNullException>(() => macaroon.AddFirstPartyCaveat((CapabilityCaveat)null!));
        Assert.Throws<ArgumentException>(() => macaroon.AddThirdPartyCaveat(null, [], "a"u8));
        Assert.Throws<ArgumentException>(() => macaroon.AddThirdPartyCaveat(null, s_key, []));
        Assert.Throws<ArgumentNullException>(() => macaroon.BindDischarge(null!));
        Assert.Throws<ArgumentNullException>(() => Macaroon.Parse(null!));
    }

    [Fact]
    public void The_package_refers_to_the_core_and_the_platform_alone() => Assert.All(
        typeof(Macaroon).Assembly.GetReferencedAssemblies(),
        assembly => Assert.True(assembly.Name == "RonKms" || assembly.Name!.StartsWith("System.", StringComparison.Ordinal), assembly.Name));
}
