using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>Real file operations that end with a power cut, and what a disk may hold after it: of everything that was not flushed, any part.</summary>
/// <remarks>A file's content is durable once the file was synced, a name once its directory was.</remarks>
internal sealed class PowerCutFiles : FileOperations
{
    private readonly int _cutAt;
    private readonly string _origin;
    private readonly Dictionary<string, Node> _live = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="origin">The directory above the store, empty at the beginning.</param>
    /// <param name="cutAt">The number of the change on which the power goes.</param>
    internal PowerCutFiles(string origin, int cutAt)
    {
        _origin = origin;
        _cutAt = cutAt;
        _live[origin] = new Node();
    }

    internal bool IsCut => _count >= _cutAt;

    internal override SafeFileHandle CreateNew(string path) => Change(() =>
    {
        SafeFileHandle file = base.CreateNew(path);
        _live[path] = new Node();
        return file;
    });

    internal override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        byte[] written = bytes.ToArray();
        Change(() => base.Write(file, written, offset, path));
    }

    internal override void SetLength(SafeFileHandle file, long length, string path) => Change(() => base.SetLength(file, length, path));

    internal override void Sync(SafeFileHandle file, string path) => Change(() =>
    {
        base.Sync(file, path);
        _live[path].Content = File.ReadAllBytes(path);
    });

    internal override void SyncData(SafeFileHandle file, string path) => Change(() =>
    {
        base.SyncData(file, path);
        _live[path].Content = File.ReadAllBytes(path);
    });

    internal override void SyncDirectory(string path) => Change(() =>
    {
        base.SyncDirectory(path);
        _live[path].Entries = Children(path);
    });

    internal override void Rename(string from, string to) => Change(() =>
    {
        base.Rename(from, to);
        _live.Remove(from, out Node? moved);
        _live[to] = moved!;
    });

    internal override void Unlink(string path) => Change(() =>
    {
        base.Unlink(path);
        _live.Remove(path);
    });

    internal override void CreateDirectory(string path) => Change(() =>
    {
        base.CreateDirectory(path);
        _live[path] = new Node();
    });

    /// <summary>Makes what the disk holds after the cut.</summary>
    /// <param name="target">An empty directory, for what lay in the origin.</param>
    /// <param name="choices">Picks what of the unflushed was written; <see langword="null"/> for nothing of it.</param>
    internal void Restore(string target, Random? choices) => Restore(_origin, _live[_origin], target, choices);

    private void Restore(string path, Node directory, string target, Random? choices)
    {
        Dictionary<string, Node> entries = choices?.Next(2) == 1 && Directory.Exists(path) ? Children(path) : directory.Entries;
        foreach ((string name, Node node) in entries)
        {
            string from = Path.Combine(path, name);
            string to = Path.Combine(target, name);
            if (Directory.Exists(from))
            {
                base.CreateDirectory(to);
                Restore(from, node, to, choices);
            }
            else
            {
                using SafeFileHandle file = base.CreateNew(to);
                base.Write(file, ContentAfterCut(node, choices), 0, to);
            }
        }
    }

    private byte[] ContentAfterCut(Node node, Random? choices)
    {
        string? path = _live.FirstOrDefault(entry => ReferenceEquals(entry.Value, node)).Key;
        if (choices is null || path is null) return node.Content;

        byte[] now = File.ReadAllBytes(path);
        switch (choices.Next(4))
        {
            case 0:
                return now;
            case 1 when now.Length > node.Content.Length:
                return now[..choices.Next(node.Content.Length, now.Length)];
            case 2 when now.Length > node.Content.Length:
                // The length was written, the bytes were not.
                now.AsSpan(node.Content.Length).Clear();
                return now;
            default:
                return node.Content;
        }
    }

    private Dictionary<string, Node> Children(string directory) => _live
        .Where(entry => Path.GetDirectoryName(entry.Key) == directory)
        .ToDictionary(entry => Path.GetFileName(entry.Key), entry => entry.Value);

    private void Change(Action change) => Change(() =>
    {
        change();
        return true;
    });

    private T Change<T>(Func<T> change)
    {
        if (IsCut || ++_count == _cutAt) throw new KmsException(KmsError.StoreFailed, "Injected: the power is gone.");

        return change();
    }

    private sealed class Node
    {
        internal byte[] Content { get; set; } = [];

        internal Dictionary<string, Node> Entries { get; set; } = [];
    }
}
