using RonKms.Custody;

namespace StoreTests;

/// <summary>An anchor of somebody else's.</summary>
internal sealed class OwnAnchor : IRollbackAnchor
{
    private readonly Dictionary<Guid, AnchorHead> _heads = [];

    public string Kind => "own";

    public AnchorHead? Read(Guid store)
    {
        lock (_heads)
        {
            return _heads.GetValueOrDefault(store);
        }
    }

    public bool TryAdvance(AnchorHead? expected, AnchorHead replacement)
    {
        lock (_heads)
        {
            if (_heads.GetValueOrDefault(replacement.StoreId) != expected)
            {
                return false;
            }

            _heads[replacement.StoreId] = replacement;
            return true;
        }
    }
}
