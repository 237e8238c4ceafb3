namespace RonKms;

/// <summary>How a keystore is.</summary>
/// <param name="Location">Where its store lies.</param>
/// <param name="Assurance">What sees a rollback of the store: <c>chain-only</c>, or <c>anchored:…</c>.</param>
/// <param name="Keys">How many keys it has.</param>
/// <param name="IsWritable">Whether it can still write; after a failed write it must be reopened.</param>
/// <param name="UnlockedBytes">How many bytes of guarded memory the system did not lock; 0 is as it should be.</param>
public sealed record KeystoreHealth(string Location, string Assurance, int Keys, bool IsWritable, long UnlockedBytes);
