using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>Looks at a store's files and can do nothing else. What is open to others, or is somebody else's, is told and read all the same.</summary>
/// <param name="refused">Told, once a path, what keeps a store from being opened.</param>
internal sealed class InspectedFiles(Action<string, KmsException> refused) : FileOperations
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>How many bytes were read.</summary>
    internal long BytesRead { get; private set; }

    internal override SafeFileHandle? Open(string path, FileUse use)
    {
        if (use != FileUse.Read) throw Forbidden();
        try
        {
            return base.Open(path, use);
        }
        catch (KmsException failure) when (failure.Error == KmsError.PermissionsTooWide)
        {
            Tell(path, failure);
            return OperatingSystem.IsWindows()
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
                : UnixFile.Open(path, Libc.O_RDONLY, followLink: false);
        }
    }

    internal override int Read(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        int read = base.Read(file, destination, offset, path);
        BytesRead += read;
        return read;
    }

    /// <summary>Whether a directory is there that can be looked at.</summary>
    internal override bool FindDirectory(string path, bool isOfAnchor = false)
    {
        try
        {
            return base.FindDirectory(path, isOfAnchor);
        }
        catch (KmsException failure)
        {
            Tell(path, failure);
            return failure.Error == KmsError.PermissionsTooWide;
        }
    }

    /// <summary>The names in a directory; none where they cannot be read.</summary>
    internal override IReadOnlyList<string> List(string path)
    {
        try
        {
            return base.List(path);
        }
        catch (KmsException failure)
        {
            Tell(path, failure);
            return [];
        }
    }

    internal override SafeFileHandle CreateNew(string path) => throw Forbidden();

    internal override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset, string path) => throw Forbidden();

    internal override void SetLength(SafeFileHandle file, long length, string path) => throw Forbidden();

    internal override void Sync(SafeFileHandle file, string path) => throw Forbidden();

    internal override void SyncData(SafeFileHandle file, string path) => throw Forbidden();

    internal override void SyncDirectory(string path) => throw Forbidden();

    internal override void Rename(string from, string to) => throw Forbidden();

    internal override void Unlink(string path) => throw Forbidden();

    internal override void CreateDirectory(string path) => throw Forbidden();

    internal override void RemoveDirectory(string path) => throw Forbidden();

    private static InvalidOperationException Forbidden() => new("A store that is looked at is not changed.");

    private void Tell(string path, KmsException failure)
    {
        if (_told.Add(path)) refused(path, failure);
    }
}
