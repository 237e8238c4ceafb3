namespace RonKms.CrashProbe;

/// <summary>A copy of a whole store from before changes that were acknowledged since: what somebody could put back.</summary>
internal sealed class OldCopy : IDisposable
{
    private readonly TestStore _store;
    private readonly string _kek;
    private readonly string _directory;

    internal OldCopy(TestStore store, string kek)
    {
        _store = store;
        _kek = kek;
        _directory = Path.Combine(store.Root, "old");
        StoreFiles.Copy(store.Directory, _directory);
    }

    /// <summary>Puts it in the store's place for a moment.</summary>
    /// <returns>What is wrong, or <see langword="null"/> where the anchor refuses it.</returns>
    internal string? FindFault()
    {
        string newest = _store.Directory + ".newest";
        Directory.Move(_store.Directory, newest);
        Directory.Move(_directory, _store.Directory);
        try
        {
            using Keystore keys = _store.Open(_kek);
            return "an old copy was taken for new";
        }
        catch (KmsException refusal)
        {
            return refusal.Error == KmsError.Rollback ? null : $"an old copy was refused with {refusal.Error}: {refusal.Message}";
        }
        finally
        {
            Directory.Move(_store.Directory, _directory);
            Directory.Move(newest, _store.Directory);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
