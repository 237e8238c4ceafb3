namespace RonKms.Storage;

/// <summary>How long files can rightly be, so that a damaged or planted one cannot exhaust memory.</summary>
internal static class StoreLimits
{
    /// <summary>Bytes of a description.</summary>
    internal const int DescriptionLength = 64 * 1024;

    /// <summary>Bytes of a record, or of what is left of it. The largest that the format allows is 65,535 bytes of public key and a secret of
    /// a few thousand.</summary>
    internal const int RecordLength = 1024 * 1024;

    /// <summary>Bytes of a journal: what one array holds. At 500 bytes a line that is four million lines.</summary>
    internal static long JournalLength => Array.MaxLength;
}
