using RonKms.Testing;

namespace RonKms.Capabilities.Tests;

/// <summary>What the memories of nonces and revocations do when they are full, and when time passes.</summary>
public sealed class RememberedValuesTests : IDisposable
{
    private readonly MintedCapabilities _minted = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly CapabilityId _id;

    public RememberedValuesTests()
    {
        _minted.Keystore.BeginCapability(out _id).Dispose();
    }

    public void Dispose() => _minted.Dispose();

    [Fact]
    public void A_full_memory_of_nonces_takes_no_more_until_one_has_ended()
    {
        MemoryReplayCheck check = new(capacity: 2, _clock);

        Assert.True(check.TryUse(_id, "a", After(10)));
        Assert.True(check.TryUse(_id, "b", After(5)));
        Assert.False(check.TryUse(_id, "c", After(20)));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(check.TryUse(_id, "c", After(20)));
        Assert.False(check.TryUse(_id, "a", After(5)));
        Assert.False(check.TryUse(_id, "c", After(20)));
    }

    [Fact]
    public void What_was_forgotten_is_not_new_again_when_the_clock_is_set_back()
    {
        MemoryReplayCheck check = new(capacity: 1, _clock);
        DateTimeOffset end = After(5);
        Assert.True(check.TryUse(_id, "a", end));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(check.TryUse(_id, "b", After(20)));
        _clock.Advance(TimeSpan.FromSeconds(30));

        _clock.SetUtcNow(end.AddSeconds(-3));

        Assert.False(check.TryUse(_id, "a", end));
    }

    [Fact]
    public async Task Of_uses_at_the_same_time_one_is_the_first()
    {
        MemoryReplayCheck check = new(timeProvider: _clock);

        for (int i = 0; i < 100; i++)
        {
            string nonce = $"n{i}";
            bool[] first = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => check.TryUse(_id, nonce, After(10)))));
            Assert.Single(first, used => used);
        }
    }

    [Fact]
    public void A_full_list_of_revocations_says_so_and_keeps_what_it_has()
    {
        _minted.Keystore.BeginCapability(out CapabilityId other).Dispose();
        MemoryRevocations revocations = new(capacity: 1, _clock);

        revocations.Revoke(_id, After(10));
        revocations.Revoke(_id, After(10));
        Assert.Throws<InvalidOperationException>(() => revocations.Revoke(other, After(10)));
        Assert.True(revocations.IsRevoked(_id));
        Assert.False(revocations.IsRevoked(other));

        _clock.Advance(TimeSpan.FromSeconds(10));
        revocations.Revoke(other, After(10));
        Assert.True(revocations.IsRevoked(other));
    }

    [Fact]
    public void A_revocation_is_remembered_although_its_time_seems_over()
    {
        _minted.Keystore.BeginCapability(out CapabilityId other).Dispose();
        MemoryRevocations revocations = new(capacity: 1, _clock);
        revocations.Revoke(_id, After(10));
        _clock.Advance(TimeSpan.FromSeconds(20));
        revocations.Revoke(other, After(-15));

        Assert.True(revocations.IsRevoked(other));
    }

    [Fact]
    public void The_arguments_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryReplayCheck(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryRevocations(0));
        Assert.Throws<ArgumentNullException>(() => new MemoryReplayCheck().TryUse(null!, "a", After(1)));
        Assert.Throws<ArgumentNullException>(() => new MemoryRevocations().IsRevoked(null!));
        Assert.Throws<ArgumentNullException>(() => new MemoryRevocations().Revoke(null!, After(1)));
    }

    private DateTimeOffset After(int seconds) => _clock.GetUtcNow().AddSeconds(seconds);
}
