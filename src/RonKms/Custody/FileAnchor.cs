using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>A rollback anchor in a directory of its own: <c>&lt;store_id&gt;.json</c> for each store. Thread-safe, and safe between processes.</summary>
/// <remarks>
/// It sees what the store's directory alone cannot show: a store put back to an older day, a journal cut at its end, two copies of one store
/// that are both written to. It does not see a rollback that takes the anchor along, as a snapshot of the whole machine does: put the
/// directory on another volume than the store, outside of what is backed up and restored with it.
/// The directory has mode 0700, its files 0600, and all belong to the effective user; anything else is refused. Symbolic links are not followed.
/// Source: docs/formats/ronk-v1.md, section 4.
/// </remarks>
public sealed class FileAnchor : IRollbackAnchor
{
    // One head is about 250 bytes; what is longer is none.
    private const int MaxLength = 1024;
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(5);

    private readonly FileOperations _files;
    private volatile bool _wasThere;

    /// <summary>Names the directory. Nothing is read or made yet: a missing directory is made (not the ones above it) for the first store, and
    /// never again: one that was there and is missing may lie on a volume that is not mounted.</summary>
    /// <param name="directory">The directory's path; <c>~</c> is not expanded.</param>
    /// <exception cref="ArgumentException">It is empty, or begins with <c>file:</c>, which only the setting has.</exception>
    public FileAnchor(string directory)
        : this(directory, new FileOperations())
    {
    }

    internal FileAnchor(string directory, FileOperations files)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (directory.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new ArgumentException($"An anchor's directory is a path without file:, {directory["file:".Length..]} instead of {directory}.", nameof(directory));
        }

        Directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _files = files;
    }

    /// <summary>The directory's full path.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public string Kind => "file";

    /// <inheritdoc/>
    public AnchorHead? Read(Guid store)
    {
        if (!IsThere())
        {
            return null;
        }

        string path = PathOf(store);
        using SafeFileHandle? file = _files.Open(path, FileUse.Read);
        if (file is null)
        {
            return null;
        }

        Span<byte> json = stackalloc byte[MaxLength];
        return AnchorJson.Read(json[.._files.ReadUpTo(file, json, 0, path)]) ?? throw new KmsException(
            KmsError.Rollback, $"{path} is not an anchor: it is damaged, or something else was put there. Nothing was changed. {StoreAnchor.Runbook}");
    }

    /// <inheritdoc/>
    public bool TryAdvance(AnchorHead? expected, AnchorHead replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        if (expected is not null)
        {
            // Nothing is made where the head that was there is missing, the lock's file neither.
            if (Read(replacement.StoreId) is null)
            {
                return false;
            }
        }
        else if (!IsThere())
        {
            if (_wasThere)
            {
                throw new KmsException(
                    KmsError.Rollback,
                    $"The rollback anchor's directory {Directory} is missing, which was there before. Nothing was made in its place. Check that its volume is mounted. {StoreAnchor.Runbook}");
            }

            _files.RequireDirectory(Directory, isOfAnchor: true);
            _wasThere = true;
        }

        // The store's own lock makes one writer of a store. This one is for the copy of a store, which has a lock of its own.
        using StoreLock turn = StoreLock.Take(_files, Path.Combine(Directory, "lock"), s_lockTimeout, TimeProvider.System);
        if (Read(replacement.StoreId) != expected)
        {
            return false;
        }

        string path = PathOf(replacement.StoreId);
        string unfinished = path + DurableFiles.TemporarySuffix;
        if (_files.Exists(unfinished))
        {
            _files.Unlink(unfinished);
        }

        _files.Replace(path, AnchorJson.Write(replacement));
        return true;
    }

    private bool IsThere()
    {
        bool isThere = _files.FindDirectory(Directory, isOfAnchor: true);
        _wasThere |= isThere;
        return isThere;
    }

    private string PathOf(Guid store) => Path.Combine(Directory, store.ToString("D") + ".json");
}
