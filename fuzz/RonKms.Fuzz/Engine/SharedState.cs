using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace RonKms.Fuzz.Engine;

/// <summary>What a worker is doing, in a file that both processes map: so its parent knows of it also where the worker died of it.</summary>
internal sealed unsafe class SharedState : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Header* _header;
    private readonly byte* _input;
    private readonly int _maxSize;

    internal SharedState(string path, int maxSize)
    {
        _maxSize = maxSize;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, sizeof(Header) + maxSize);
        _view = _file.CreateViewAccessor();
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _header = (Header*)start;
        _input = start + sizeof(Header);
    }

    /// <summary>How many inputs were begun.</summary>
    internal long Executions => Volatile.Read(ref _header->Executions);

    internal int Edges => _header->Edges;

    internal int CorpusSize => _header->CorpusSize;

    /// <summary>The input that was begun last.</summary>
    internal ReadOnlySpan<byte> Input
    {
        get => new(_input, Math.Min(_header->InputLength, _maxSize));
        set
        {
            Oracle.Holds(value.Length <= _maxSize, $"an input of the corpus has {value.Length} bytes, and the target takes {_maxSize}");
            _header->InputLength = value.Length;
            value.CopyTo(new Span<byte>(_input, _maxSize));
            Volatile.Write(ref _header->Executions, _header->Executions + 1);
        }
    }

    internal void Report(int edges, int corpusSize)
    {
        _header->Edges = edges;
        _header->CorpusSize = corpusSize;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal long Executions;
        internal int Edges;
        internal int CorpusSize;
        internal int InputLength;
    }
}
