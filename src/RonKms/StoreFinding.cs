namespace RonKms;

/// <summary>One thing that the check of a store came upon. Holds no secret, nonce or ciphertext.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="IsDamage">Whether something is damaged, missing or open to others; otherwise it is a notice, and the store works.</param>
/// <param name="Key">The key version that it is about, where it is about one.</param>
/// <param name="File">The file or directory, relative to the store's directory; <see langword="null"/> where there is none.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do next, with the page that tells how.</param>
public sealed record StoreFinding(StoreFindingKind Kind, bool IsDamage, KeyId? Key, string? File, string Found, string Advice)
{
    /// <summary>The finding in one line.</summary>
    /// <returns><c>damage RecordDamaged KEY FILE: what was found What to do next</c></returns>
    public override string ToString()
    {
        string subject = string.Join(' ', new[] { IsDamage ? "damage" : "notice", Kind.ToString(), Key?.ToString(), File }.OfType<string>());

        // A file's name can hold a line feed, and could pass for another finding.
        return new([.. $"{subject}: {Found} {Advice}".Select(letter => char.IsControl(letter) ? '?' : letter)]);
    }
}
