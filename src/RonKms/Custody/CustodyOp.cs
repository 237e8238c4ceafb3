namespace RonKms.Custody;

/// <summary>What a line of the custody journal records.</summary>
internal enum CustodyOp
{
    OpenStore,
    Create,
    Import,
    Rotate,
    State,
    Disable,
    Enable,
    Destroy,
    Annex,
    Rewrap,
    Anchor,
}
