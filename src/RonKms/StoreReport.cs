using System.Globalization;
using System.Text;

namespace RonKms;

/// <summary>What the check of a whole store found: <see cref="Keystore.VerifyStore"/> of one that is open, <see cref="StoreChecker"/> of one that lies in a directory.</summary>
/// <remarks>Immutable. Holds no secret, nonce or ciphertext.</remarks>
public sealed class StoreReport
{
    internal StoreReport()
    {
    }

    /// <summary>Where the store lies.</summary>
    public required string Location { get; init; }

    /// <summary>Whether nothing is damaged. There may be notices all the same.</summary>
    public bool IsSound => !Findings.Any(finding => finding.IsDamage);

    /// <summary>Whether the store's key was there to check MACs and open records with. Without it anybody who can write to the directory could have
    /// made all of this.</summary>
    public required bool IsAuthenticated { get; init; }

    /// <summary>The live generation; 0 where none was found.</summary>
    public required long Generation { get; init; }

    /// <summary>The sequence number of the last good line of its journal; 0 where there is none.</summary>
    public required long HeadSeq { get; init; }

    /// <summary>The SHA-256 of that line, hex. Compared with what was written down elsewhere, it shows a store that was put back.</summary>
    public required string Head { get; init; }

    /// <summary>How many generations' journals were checked: the live one's and the archived ones'.</summary>
    public required int Generations { get; init; }

    /// <summary>How many good journal lines there are in them.</summary>
    public required long JournalLines { get; init; }

    /// <summary>How many key versions the live journal tells of.</summary>
    public required long KeyVersions { get; init; }

    /// <summary>How many sealed records were read.</summary>
    public required long Records { get; init; }

    /// <summary>How many bytes were read.</summary>
    public required long Bytes { get; init; }

    /// <summary>What was found, in the order it was come upon.</summary>
    public required IReadOnlyList<StoreFinding> Findings { get; init; }

    /// <summary>The report as text: one line a finding, and a closing line.</summary>
    /// <returns>The text, without a line feed at its end.</returns>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (StoreFinding finding in Findings)
        {
            text.Append(finding).Append('\n');
        }

        int damaged = Findings.Count(finding => finding.IsDamage);
        return text.Append(
            CultureInfo.InvariantCulture,
            $"{(IsSound ? "sound" : "not sound")}{(IsAuthenticated ? "" : " (unauthenticated)")}: {Location}, damage {damaged}, notices {Findings.Count - damaged}; "
            + $"generations {Generations}, journal lines {JournalLines}, key versions {KeyVersions}, records {Records}, bytes {Bytes}; head {HeadSeq} {Head}").ToString();
    }
}
