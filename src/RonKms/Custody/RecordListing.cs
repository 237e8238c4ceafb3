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

    /// <summary>The records, where listing them did not fail.</summary>
    internal IEnumerable<(Guid Key, uint Version)> Take()
    {
        _thread?.Join();
        _failure?.Throw();
        return _records ?? _store.ListRecords();
    }

    public void Dispose() => _thread?.Join();

    private void List()
    {
        try
        {
            _records = [.. _store.ListRecords()];
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }
}
