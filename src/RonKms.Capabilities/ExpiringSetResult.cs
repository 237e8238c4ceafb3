namespace RonKms.Capabilities;

/// <summary>What became of a value that was to be added.</summary>
internal enum ExpiringSetResult
{
    /// <summary>It is remembered now.</summary>
    Added,

    /// <summary>It is, or may have been, remembered already.</summary>
    Known,

    /// <summary>There is no room for it.</summary>
    Full,
}
