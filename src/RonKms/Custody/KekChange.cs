using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>A change of the key-encryption key that was cut short: store.json.next lies beside store.json.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 2.</remarks>
internal sealed class KekChange
{
    private readonly ISealedStore _store;
    private readonly StoreDescription _next;

    // A restore may have replaced the generation that it was begun in.
    private readonly bool _isOver;
    private bool _newKekGiven;

    private KekChange(ISealedStore store, StoreDescription next, Digest digest, bool isOver)
    {
        _isOver = isOver;
        _store = store;
        _next = next;
        Next = digest;
    }

    /// <summary>The digest of store.json.next.</summary>
    internal Digest Next { get; }

    /// <summary>Finds the change, where there is one.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: what lies there is damaged, or not of this store.</exception>
    internal static KekChange? Find(ISealedStore store, StoreDescription current)
    {
        if (store.ReadNextDescription() is not { } bytes)
        {
            return null;
        }

        StoreDescription next = StoreDescription.Read(bytes, $"{store.Location} (store.json.next)");
        return next.StoreId == current.StoreId && next.Generation <= current.Generation
            ? new KekChange(store, next, Digest.Of(bytes), isOver: next.Generation < current.Generation)
            : throw new KmsException(
                KmsError.SealedCorrupt, $"store.json.next of {store.Location} belongs to another store or generation. Nothing was changed. Move it away.");
    }

    /// <summary>Unwraps the store's key with the new key-encryption key.</summary>
    /// <returns>The key, or <see langword="null"/> where the change is none any more.</returns>
    internal StoreKey? Unwrap(KeyEncryptionKey kek)
    {
        if (_isOver)
        {
            return null;
        }

        StoreKey storeKey = _next.Unwrap(kek, _store.Location);
        _newKekGiven = true;
        return storeKey;
    }

    /// <summary>Brings the change to an end, once everything was checked: forward where the journal tells of it or the new key-encryption key
    /// was given, back otherwise.</summary>
    internal void Finish(CustodyJournal journal)
    {
        journal.InTurn(() =>
        {
            bool isJournalled = journal.Directory.Store == Next;
            if (!isJournalled && !_newKekGiven)
            {
                _store.DropNextDescription();
                return;
            }

            if (!isJournalled)
            {
                journal.AppendRewrap(Next);
            }

            _store.InstallNextDescription();
        });
    }
}
