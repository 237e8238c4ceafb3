using System.Security.Cryptography;

namespace RonKms.HeapProbe;

/// <summary>A secret that lies nowhere in this process: only two shares of it do, whose exclusive or it is.</summary>
internal sealed class HiddenSecret
{
    private readonly byte[] _share;
    private readonly byte[] _otherShare;

    private HiddenSecret(string name, byte[] share, byte[] otherShare)
    {
        Name = name;
        _share = share;
        _otherShare = otherShare;
    }

    internal string Name { get; }

    internal int Length => _share.Length;

    internal static HiddenSecret Random(string name)
    {
        byte[] share = RandomNumberGenerator.GetBytes(32);
        byte[] otherShare = RandomNumberGenerator.GetBytes(32);

        // Below the order of P-256, so that it can be a scalar.
        otherShare[0] = (byte)(share[0] ^ 0x5A);
        return new HiddenSecret(name, share, otherShare);
    }

    /// <summary>The same secret with its bytes in the reverse order, as a big number may lie in memory.</summary>
    internal HiddenSecret Reversed() => new(Name + "-reversed", [.. _share.Reverse()], [.. _otherShare.Reverse()]);

    /// <summary>One byte of the secret.</summary>
    internal byte At(int i) => (byte)(_share[i] ^ _otherShare[i]);

    /// <summary>Lets a keystore have the secret, from guarded memory that is wiped again.</summary>
    internal T Use<T>(Func<SecretBytes, T> use)
    {
        using SecretBytes secret = SecretBytes.Allocate(Length);
        for (int i = 0; i < Length; i++)
        {
            secret.Reveal()[i] = At(i);
        }

        return use(secret);
    }
}
