namespace RonKms.Tests.Storage;

/// <summary>A kind of flush.</summary>
public enum Flush
{
    /// <summary>Of a file with its metadata.</summary>
    File,

    /// <summary>Of a file's content.</summary>
    Data,

    /// <summary>Of a directory's entries.</summary>
    Directory,
}
