using System.Runtime.ExceptionServices;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>The list of a store's records, made while a long journal is read, on a thread that ends before this is disposed.</summary>
internal sealed class RecordListing : IDisposable
{
    private readonly ISealedStore _store;
    private readonly Thread? _thread;
    private IEnumerable<(Guid Key, uint Version)>? _records;
    private ExceptionDispatchInfo? _failure;

    /// <param name="store">The store.</param>
    /// <param name="journalLength">How long its journal is, in bytes.</param>
    internal RecordListing(ISealedStore store, int journalLength)
    {
        _store = store;
        if (LinesFromEnd.IsWorthwhile(journalLength))
        {
            _thread = new Thread(List, LinesFromEnd.StackSize) { IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>The records but for those that are as they should be, where listing them did not fail.</summary>
    /// <param name="isUsual">Whether one is: asked on several threads where there are many.</param>
    internal IEnumerable<(Guid Key, uint Version)> TakeAllBut(Func<Guid, uint, bool> isUsual)
    {
        _thread?.Join();
        _failure?.Throw();
        return _records is null
            ? _store.ListRecords().Where(record => !isUsual(record.Key, record.Version))
            : _records.AsParallel().Where(record => !isUsual(record.Key, record.Version));
    }

    public void Dispose() => _thread?.Join();

    private void List()
    {
        try
        {
            _records = _store.ListRecords().ToArray();
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }
}
