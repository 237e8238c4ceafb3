namespace RonKms.Custody;

/// <summary>The words of the journal for operations and states.</summary>
internal static class JournalNames
{
    internal static ReadOnlySpan<byte> Of(CustodyOp op) => op switch
    {
        CustodyOp.OpenStore => "open_store"u8,
        CustodyOp.Create => "create"u8,
        CustodyOp.Import => "import"u8,
        CustodyOp.Rotate => "rotate"u8,
        CustodyOp.State => "state"u8,
        CustodyOp.Disable => "disable"u8,
        CustodyOp.Enable => "enable"u8,
        CustodyOp.Destroy => "destroy"u8,
        CustodyOp.Annex => "annex"u8,
        CustodyOp.Rewrap => "rewrap"u8,
        CustodyOp.Anchor => "anchor"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(op)),
    };

    internal static ReadOnlySpan<byte> Of(KeyState state) => state switch
    {
        KeyState.Enabled => "enabled"u8,
        KeyState.Disabled => "disabled"u8,
        KeyState.Destroyed => "destroyed"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    internal static CustodyOp? FindOp(ReadOnlySpan<byte> name)
    {
        for (CustodyOp op = CustodyOp.OpenStore; op <= CustodyOp.Anchor; op++)
        {
            if (name.SequenceEqual(Of(op)))
            {
                return op;
            }
        }

        return null;
    }

    internal static KeyState? FindState(ReadOnlySpan<byte> name)
    {
        for (KeyState state = KeyState.Enabled; state <= KeyState.Destroyed; state++)
        {
            if (name.SequenceEqual(Of(state)))
            {
                return state;
            }
        }

        return null;
    }
}
