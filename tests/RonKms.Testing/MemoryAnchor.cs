using System.Collections.Concurrent;
using RonKms.Custody;

namespace RonKms.Testing;

/// <summary>A rollback anchor in this process's memory, for tests: shared by keystores as one in another place would be.</summary>
public sealed class MemoryAnchor : IRollbackAnchor
{
    private readonly ConcurrentDictionary<Guid, AnchorHead> _heads = new();

    /// <inheritdoc/>
    public string Kind => "memory";

    /// <summary>Done before a head is replaced; what it throws is the failure.</summary>
    public Action? BeforeAdvance { get; set; }

    /// <summary>Done once a head was replaced; what it throws is the failure.</summary>
    public Action? AfterAdvance { get; set; }

    /// <inheritdoc/>
    public AnchorHead? Read(Guid store) => _heads.GetValueOrDefault(store);

    /// <inheritdoc/>
    public bool TryAdvance(AnchorHead? expected, AnchorHead replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        BeforeAdvance?.Invoke();
        bool replaced = expected is null
            ? _heads.TryAdd(replacement.StoreId, replacement)
            : _heads.TryUpdate(replacement.StoreId, replacement, expected);
        AfterAdvance?.Invoke();
        return replaced;
    }
}
