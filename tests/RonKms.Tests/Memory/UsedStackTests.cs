using System.Security.Cryptography;

namespace RonKms.Tests.Memory;

/// <summary>That the search which other tests rely on finds what was not wiped.</summary>
public sealed class UsedStackTests
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public void What_is_left_on_the_stack_is_found() => Assert.True(UsedStack.Holds(_secret, () => Use(wipe: false)));

    [Fact]
    public void What_is_wiped_is_not() => Assert.False(UsedStack.Holds(_secret, () => Use(wipe: true)));

    private void Use(bool wipe)
    {
        Span<byte> copy = stackalloc byte[32];
        _secret.CopyTo(copy);
        if (wipe) CryptographicOperations.ZeroMemory(copy);
    }
}
