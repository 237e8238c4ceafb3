namespace RonKms.Tests.Durability;

/// <summary>What was acknowledged to the caller of a keystore, and what is under way.</summary>
internal sealed class Expectation
{
    private StoreState _acknowledged = StoreState.Empty;
    private StoreState _underWay = StoreState.Empty;

    /// <summary>Whether the making of the store was acknowledged.</summary>
    internal bool IsMade { get; set; }

    /// <summary>What is under way, for messages.</summary>
    internal string What { get; private set; } = "the making of the store";

    /// <summary>Makes changes one after the other.</summary>
    internal void Make(Keystore keys, IEnumerable<KeyChange> changes)
    {
        foreach (KeyChange change in changes)
        {
            What = change.Name;
            _underWay = change.Effect(_acknowledged);
            change.Make(keys);
            _acknowledged = _underWay;
            Assert.Equal(_acknowledged, StoreState.Of(keys));
        }
    }

    /// <summary>Takes what an opened store serves for acknowledged.</summary>
    internal void Found(StoreState state)
    {
        Assert.True(Allows(state), $"{state}, and not {this}");
        _acknowledged = state;
        _underWay = state;
    }

    internal bool Allows(StoreState state) => state.IsBetween(_acknowledged, _underWay);

    public override string ToString() => $"{_acknowledged} or {_underWay}";
}
