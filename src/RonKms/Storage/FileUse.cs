namespace RonKms.Storage;

/// <summary>What an existing file is opened for.</summary>
internal enum FileUse
{
    /// <summary>To read it.</summary>
    Read,

    /// <summary>To read and overwrite it in place.</summary>
    Update,

    /// <summary>To write at its end and nowhere else.</summary>
    Append,
}
