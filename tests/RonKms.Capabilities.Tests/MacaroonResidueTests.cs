using System.Security.Cryptography;
using RonKms.Capabilities.Chain;
using RonKms.Tests.Memory;

namespace RonKms.Capabilities.Tests;

/// <summary>What lies on the stack once a macaroon was made or verified: its keys and signatures are as good as the macaroon.</summary>
public sealed class MacaroonResidueTests
{
    private readonly byte[] _rootKey = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _derived = new byte[MacaroonHash.Size];
    private readonly byte[] _first = new byte[MacaroonHash.Size];

    public MacaroonResidueTests()
    {
        MacaroonHash.DeriveKey(_rootKey, _derived);
        MacaroonHash.Link(_derived, "id"u8, _first);
    }

    [Fact]
    public void Making_one_leaves_neither_the_key_nor_the_signature()
    {
        Assert.False(UsedStack.Holds(_derived, Make));
        Assert.False(UsedStack.Holds(_first, Make));

        void Make() => Macaroon.Create(null, _rootKey, "id"u8);
    }

    [Fact]
    public void Adding_a_caveat_leaves_neither_the_discharges_key_nor_the_signature()
    {
        Macaroon macaroon = Macaroon.Create(null, RandomNumberGenerator.GetBytes(32), "id"u8);
        byte[] added = macaroon.AddFirstPartyCaveat("x").Signature.ToArray();

        Assert.False(UsedStack.Holds(_derived, () => macaroon.AddThirdPartyCaveat(null, _rootKey, "a"u8)));
        Assert.False(UsedStack.Holds(added, () => macaroon.AddFirstPartyCaveat("x")));
    }

    [Fact]
    public void Two_hashes_are_not_left()
    {
        byte[] one = RandomNumberGenerator.GetBytes(32), other = RandomNumberGenerator.GetBytes(32);
        byte[] hash = HMACSHA256.HashData(_derived, one);

        Assert.False(UsedStack.Holds(hash, () => MacaroonHash.Link(_derived, one, other, new byte[MacaroonHash.Size])));
    }

    [Fact]
    public void Verifying_leaves_no_signature_and_no_discharges_key()
    {
        Macaroon macaroon = Macaroon.Create(null, _rootKey, "id"u8).AddThirdPartyCaveat(null, _rootKey, "id"u8).AddFirstPartyCaveat("x");
        Macaroon discharge = macaroon.BindDischarge(Macaroon.Create(null, _rootKey, "id"u8));

        foreach (byte[] secret in new[] { _derived, _first, macaroon.Signature.ToArray(), discharge.Signature.ToArray() })
        {
            Assert.False(UsedStack.Holds(secret, () => Assert.Equal(CapabilityRefusal.None, new MacaroonChain(macaroon, [discharge]).Verify(_first))));
        }
    }
}
