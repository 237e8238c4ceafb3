using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>SHAKE's functions; before and after each one it is looked whether a destination holds anything but what it holds in the end.</summary>
internal struct WatchedHash : ITweakableHash<WatchedHash>
{
    private readonly byte[] _destination;
    private readonly byte[] _final;
    private ShakeHash _hash;

    /// <summary>Watches a destination.</summary>
    /// <param name="pkSeed">PK.seed.</param>
    /// <param name="destination">The destination, zeros so far.</param>
    /// <param name="final">What it must hold in the end.</param>
    internal WatchedHash(ReadOnlySpan<byte> pkSeed, byte[] destination, byte[] final)
    {
        _hash = ShakeHash.Create(pkSeed);
        _destination = destination;
        _final = final;
    }

    /// <summary>How often it looked, counted by the hashes that were made around it.</summary>
    internal int Looks { get; private set; }

    /// <inheritdoc/>
    public static int Lanes => ShakeHash.Lanes;

    /// <inheritdoc/>
    public static WatchedHash Create(ReadOnlySpan<byte> pkSeed) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Prf(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination)
    {
        Look(adrs.Length);
        _hash.Prf(adrs, skSeed, destination);
        Look(adrs.Length);
    }

    /// <inheritdoc/>
    public void F(ReadOnlySpan<Address> adrs, Span<byte> blocks)
    {
        Look(adrs.Length);
        _hash.F(adrs, blocks);
        Look(adrs.Length);
    }

    /// <inheritdoc/>
    public void T(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> blocks, Span<byte> destination)
    {
        Look(adrs.Length);
        _hash.T(adrs, blocks, destination);
        Look(adrs.Length);
    }

    /// <inheritdoc/>
    public void PrfMsg(
        ReadOnlySpan<byte> skPrf, ReadOnlySpan<byte> optRand, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination) =>
        _hash.PrfMsg(skPrf, optRand, prefix, message, destination);

    /// <inheritdoc/>
    public void HMsg(
        ReadOnlySpan<byte> r, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination) =>
        _hash.HMsg(r, publicKey, prefix, message, destination);

    /// <inheritdoc/>
    public void Wipe() => _hash.Wipe();

    private void Look(int hashes)
    {
        Looks += hashes;
        for (int i = 0; i < _destination.Length; i++)
        {
            if (_destination[i] != 0 && _destination[i] != _final[i])
            {
                Assert.Fail($"Byte {i} of the destination holds a value that is not the signature's.");
            }
        }
    }
}
