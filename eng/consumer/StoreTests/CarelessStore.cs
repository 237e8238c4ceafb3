using RonKms.Storage;

namespace StoreTests;

/// <summary>A store with a fault that the suite must find: what it refuses, it says it has committed.</summary>
internal sealed class CarelessStore(ISealedStore inner) : OwnStore(inner)
{
    public override CommitResult Commit(StoreCommit commit)
    {
        base.Commit(commit);
        return CommitResult.Committed;
    }
}
