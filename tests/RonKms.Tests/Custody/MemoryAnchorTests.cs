using RonKms.Custody;
using RonKms.Testing;

namespace RonKms.Tests.Custody;

public sealed class MemoryAnchorTests : RollbackAnchorContract
{
    private readonly MemoryAnchor _anchor = new();

    protected override IRollbackAnchor Open() => _anchor;
}
