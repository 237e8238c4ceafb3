using RonKms.Backends;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <summary>Checks a store that lies in a directory, with its key-encryption key or without, and says what is sound, what is damaged and what to do.</summary>
/// <remarks>
/// Nothing is changed, and no lock is taken: the store need not be closed, though a check beside a writer may see half of a change, and says so
/// (<see cref="StoreFindingKind.InMotion"/>). Of an open keystore <see cref="Keystore.VerifyStore"/> tells more.
/// Without the key-encryption key the chain, the digests and what records and files say of themselves are compared; whoever can write to the
/// directory can make all of that agree, so that such a report is not <see cref="StoreReport.IsAuthenticated"/>. With it every MAC is checked, and
/// every record opened and its secret compared with its public key.
/// A store that is sound can still be an older one: only its anchor, or a head written down elsewhere, tells.
/// The work grows with the store; records are read one by one, a journal is held whole. Source: docs/formats/ronk-v1.md, sections 1 to 4.
/// </remarks>
public static class StoreChecker
{
    /// <summary>Checks a store.</summary>
    /// <param name="place"><c>file:PATH</c>, a directory.</param>
    /// <param name="kek">What the store's key is wrapped under, or <see langword="null"/>; it is disposed, also when this throws.</param>
    /// <param name="options">The anchor, and the algorithms or the backend that keys of the store need; the rest is not looked at.</param>
    /// <param name="progress">Told how many key versions are done, from 0 to all; on this thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The report. Whatever is wrong with the store is a finding in it.</returns>
    /// <exception cref="ArgumentException">The place is not a directory's, or an option is not allowed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.StoreNotFound"/>: no part of a store lies there.</exception>
    public static StoreReport Check(
        string place,
        KeyEncryptionKey? kek = null,
        KeystoreOptions? options = null,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        using (kek)
        {
            options = (options ?? new KeystoreOptions()).Checked();
            KeyBackend? own = options.Backend is null ? new SoftwareBackend(options.Algorithms) : null;
            using (own)
            using (DirectoryCheck check = new(StorePlace.PathOf(place), kek, options.Anchor, options.Backend ?? own!, progress, cancellationToken))
            {
                return check.Run();
            }
        }
    }
}
