namespace RonKms;

/// <summary>How a keystore is.</summary>
/// <param name="Location">Where its store lies.</param>
/// <param name="Assurance">What sees a rollback of the store: <c>chain-only</c>, or <c>anchored:…</c>.</param>
/// <param name="Keys">How many keys it has.</param>
/// <param name="HeadSeq">The sequence number of the custody journal's last line.</param>
/// <param name="Head">The SHA-256 of that line, hex. Kept elsewhere and compared later, it shows a rollback.</param>
/// <param name="IsWritable">Whether it can still write; after a failed write it must be reopened. Never where it was opened read-only.</param>
/// <param name="UnlockedBytes">How many bytes of guarded memory the system did not lock; 0 is as it should be.</param>
public sealed record KeystoreHealth(string Location, string Assurance, int Keys, long HeadSeq, string Head, bool IsWritable, long UnlockedBytes)
{
    /// <summary>How long ago a keystore that was opened read-only last saw its store; <see langword="null"/> for any other. Between two calls it grows
    /// beyond <see cref="KeystoreOptions.MaxStaleness"/>: the next one looks. <see cref="Keystore.Refresh"/> says whether the store can be seen.</summary>
    public TimeSpan? LastLook { get; init; }

    /// <summary>Whether it was opened read-only.</summary>
    public bool IsReadOnly => LastLook is not null;
}
