namespace RonKms.Storage;

/// <summary>How long files can rightly be, so that a damaged or planted one cannot exhaust memory.</summary>
internal static class StoreLimits
{
    /// <summary>Bytes of a description.</summary>
    internal const int DescriptionLength = 64 * 1024;

    /// <summary>Bytes of a record, or of what is left of it. The largest that the format allows is 65,535 bytes of public key and a secret of
    /// a few thousand.</summary>
    internal const int RecordLength = 1024 * 1024;

    /// <summary>What generations' numbers stay below: 2^53 - 1, the highest that store.json can name. A directory or file with a higher one in its
    /// name is none of a store's.</summary>
    internal const long GenerationNumber = (1L << 53) - 1;

    /// <summary>Bytes of a journal: what one array holds. At 500 bytes a line that is four million lines.</summary>
    internal static long JournalLength => Array.MaxLength;
}
