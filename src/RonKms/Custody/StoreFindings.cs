using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Collects what the check of a store comes upon. One thread at a time.</summary>
internal sealed class StoreFindings
{
    private readonly List<StoreFinding> _findings = [];

    internal IReadOnlyList<StoreFinding> All => _findings;

    internal void Add(StoreFinding finding) => _findings.Add(finding);

    internal void Damage(StoreFindingKind kind, string? file, string found, string advice) => Add(new StoreFinding(kind, true, null, file, found, advice));

    internal void Notice(StoreFindingKind kind, string? file, string found, string advice) => Add(new StoreFinding(kind, false, null, file, found, advice));

    /// <summary>Adds what kept something from being read or taken for good.</summary>
    /// <param name="kind">What it is where the content is wrong, and not the system.</param>
    /// <param name="file">The file.</param>
    /// <param name="failure">What was thrown.</param>
    internal void Damage(StoreFindingKind kind, string? file, KmsException failure) => Add(Of(kind, file, failure));

    /// <inheritdoc cref="Damage(StoreFindingKind, string?, KmsException)"/>
    internal static StoreFinding Of(StoreFindingKind kind, string? file, KmsException failure) =>
        new(KindOf(failure, kind), true, null, file, failure.Message, AdviceOn(failure));

    /// <summary>The kind of finding that a failure makes.</summary>
    internal static StoreFindingKind KindOf(KmsException failure, StoreFindingKind otherwise) => failure.Error switch
    {
        KmsError.WrongKek => StoreFindingKind.WrongKek,
        KmsError.NewerFormat => StoreFindingKind.NewerFormat,
        KmsError.Rollback => StoreFindingKind.Rollback,
        KmsError.PermissionsTooWide => StoreFindingKind.PermissionsTooWide,
        KmsError.SealedCorrupt => otherwise,
        _ when StoreFailure.IsOfSystem(failure) => StoreFindingKind.Unreadable,
        _ => otherwise,
    };

    /// <summary>The page that helps with a failure.</summary>
    internal static string AdviceOn(KmsException failure) => failure.Error switch
    {
        KmsError.WrongKek => "See docs/runbooks/wrong-kek.md.",
        KmsError.Rollback => "See docs/runbooks/rollback.md.",
        KmsError.PermissionsTooWide => "See docs/runbooks/permissions.md.",
        KmsError.NewerFormat => "Check it with the version that wrote it.",
        KmsError.StoreFailed => "See docs/runbooks/full-disk.md.",
        _ => "See docs/runbooks/damaged-record.md.",
    };
}
