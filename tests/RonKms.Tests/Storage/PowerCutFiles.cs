using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>Real file operations that end with a kill or a power cut, and what a disk may hold after it: of everything that was not flushed,
/// any part, in any order.</summary>
/// <remarks>
/// A file's content is durable once the file was synced, a name once its directory was. Until then each sector of a file may be of any
/// write since, each change of a directory may be there or not, whatever came before or after it, and the length of a file does not wait for
/// its bytes, which are zeros then. A rename within a directory is one change; one between two is a change of each.
/// </remarks>
internal sealed class PowerCutFiles : FileOperations
{
    private const int SectorLength = 512;
    private readonly DiskNode _origin = DiskNode.Directory();
    private readonly string _root;
    private int _cutAt;

    /// <param name="origin">The directory above the store, empty at the beginning.</param>
    /// <param name="cutAt">The number of the change on which the process ends.</param>
    internal PowerCutFiles(string origin, int cutAt = int.MaxValue)
    {
        _root = origin;
        _cutAt = cutAt;
    }

    /// <summary>How many changes there were.</summary>
    internal int Count { get; private set; }

    internal bool IsCut => Count >= _cutAt;

    /// <summary>A kind of flush that does nothing, to see that its absence is found.</summary>
    internal Flush? LeftOut { get; init; }

    /// <summary>Called after each change, with what the disk may hold by then.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Lets the process end on a change that is still to come.</summary>
    /// <param name="changes">How many changes from now, from 1.</param>
    internal void KillOn(int changes) => _cutAt = Count + changes;

    /// <summary>Lets another process go on with what a cache holds after a kill.</summary>
    internal void Restart() => _cutAt = int.MaxValue;

    internal override SafeFileHandle CreateNew(string path) => Change(() =>
    {
        SafeFileHandle file = base.CreateNew(path);
        Bind(path, DiskNode.File());
        return file;
    });

    internal override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        byte[] written = bytes.ToArray();
        Change(() =>
        {
            base.Write(file, written, offset, path);
            Find(path).Write(written, (int)offset);
        });
    }

    internal override void SetLength(SafeFileHandle file, long length, string path) => Change(() =>
    {
        base.SetLength(file, length, path);
        Find(path).SetLength((int)length);
    });

    internal override void Sync(SafeFileHandle file, string path) => Change(() =>
    {
        base.Sync(file, path);
        if (LeftOut != Flush.File) Find(path).SyncContent();
    });

    internal override void SyncData(SafeFileHandle file, string path) => Change(() =>
    {
        base.SyncData(file, path);
        if (LeftOut != Flush.Data) Find(path).SyncContent();
    });

    internal override void SyncDirectory(string path) => Change(() =>
    {
        base.SyncDirectory(path);
        if (LeftOut != Flush.Directory) Find(path).SyncEntries();
    });

    internal override void Rename(string from, string to) => Change(() =>
    {
        base.Rename(from, to);
        DiskNode moved = Find(from);
        string old = Path.GetFileName(from);
        string now = Path.GetFileName(to);
        DiskNode source = Find(Path.GetDirectoryName(from)!);
        DiskNode target = Find(Path.GetDirectoryName(to)!);
        if (ReferenceEquals(source, target))
        {
            source.Change((old, null), (now, moved));
        }
        else
        {
            target.Change((now, moved));
            source.Change((old, null));
        }
    });

    internal override void Unlink(string path) => Change(() =>
    {
        base.Unlink(path);
        Bind(path, null);
    });

    internal override void CreateDirectory(string path) => Change(() =>
    {
        base.CreateDirectory(path);
        Bind(path, DiskNode.Directory());
    });

    internal override void RemoveDirectory(string path) => Change(() =>
    {
        base.RemoveDirectory(path);
        Bind(path, null);
    });

    /// <summary>One after the other, so that a change has a number.</summary>
    internal override void Together(int count, Action<int> work)
    {
        for (int i = 0; i < count; i++) work(i);
    }

    /// <summary>Makes what the disk may hold now.</summary>
    /// <param name="target">An empty directory, for what lay in the origin.</param>
    /// <param name="choices">Picks what of the unflushed was written; <see langword="null"/> for nothing of it.</param>
    internal void Restore(string target, Random? choices) => Restore(_origin, target, choices);

    private void Restore(DiskNode directory, string target, Random? choices)
    {
        foreach ((string name, DiskNode node) in directory.EntriesAfterCut(choices))
        {
            string to = Path.Combine(target, name);
            if (node.IsDirectory)
            {
                base.CreateDirectory(to);
                Restore(node, to, choices);
            }
            else
            {
                using SafeFileHandle file = base.CreateNew(to);
                base.Write(file, node.ContentAfterCut(choices, SectorLength), 0, to);
            }
        }
    }

    private DiskNode Find(string path)
    {
        DiskNode node = _origin;
        string relative = Path.GetRelativePath(_root, path);
        if (relative == ".") return node;

        foreach (string name in relative.Split(Path.DirectorySeparatorChar)) node = node.Live[name];
        return node;
    }

    private void Bind(string path, DiskNode? node) => Find(Path.GetDirectoryName(path)!).Change((Path.GetFileName(path), node));

    private void Change(Action change) => Change(() =>
    {
        change();
        return true;
    });

    private T Change<T>(Func<T> change)
    {
        if (IsCut || ++Count == _cutAt) throw new KmsException(KmsError.StoreFailed, "Injected: the process is gone.");

        T result = change();
        Changed?.Invoke();
        return result;
    }
}
