using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>The few ways in which whole files are read, made, replaced and erased, so that a crash leaves the old or the new.</summary>
internal static class DurableFiles
{
    /// <summary>What a file is called until it is whole.</summary>
    internal const string TemporarySuffix = ".tmp";

    private static readonly byte[] Zeros = new byte[4096];

    /// <summary>Reads until the destination is full or the file ends.</summary>
    internal static int ReadUpTo(this FileOperations files, SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        int filled = 0;
        while (filled < destination.Length)
        {
            int read = files.Read(file, destination[filled..], offset + filled, path);
            if (read == 0) break;

            filled += read;
        }

        return filled;
    }

    /// <summary>Reads a stretch that is known to be there.</summary>
    internal static byte[] ReadExactly(this FileOperations files, SafeFileHandle file, long offset, int length, string path)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        return files.ReadUpTo(file, bytes, offset, path) == length
            ? bytes
            : throw new KmsException(KmsError.StoreFailed, $"{path} became shorter while it was read. See that nothing else writes there, then reopen the store.");
    }

    /// <summary>Reads a whole private file that cannot rightly be longer than a limit.</summary>
    /// <returns>Its bytes, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: it is longer.</exception>
    internal static byte[]? ReadWhole(this FileOperations files, string path, int limit)
    {
        using SafeFileHandle? file = files.Open(path, FileUse.Read);
        if (file is null) return null;

        long length = files.LengthOf(file, path);
        if (length > limit)
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"{path} has {length} bytes, which is more than such a file can have ({limit}). Restore it from a backup.");
        }

        return files.ReadExactly(file, 0, (int)length, path);
    }

    /// <summary>Makes a new file with its content durable; its name is durable once the directory is. Leaves nothing when it fails.</summary>
    internal static void WriteNew(this FileOperations files, string path, ReadOnlySpan<byte> content)
    {
        using SafeFileHandle file = files.CreateNew(path);
        try
        {
            files.Write(file, content, 0, path);
            files.Sync(file, path);
        }
        catch
        {
            files.Discard(path);
            throw;
        }
    }

    /// <summary>Puts a file in place, whole and durable.</summary>
    internal static void Replace(this FileOperations files, string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + TemporarySuffix;
        files.WriteNew(temporary, content);
        files.Rename(temporary, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes sure of a private directory, durably.</summary>
    internal static void RequireDirectory(this FileOperations files, string path, bool isOfAnchor = false)
    {
        if (files.FindDirectory(path, isOfAnchor)) return;

        files.CreateDirectory(path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
        if (!files.FindDirectory(path, isOfAnchor)) throw StoreFailure.Worded("find", path, "it was created and is gone again", Libc.ENOENT, null);
    }

    /// <summary>Overwrites a record with zeros and removes it; the directory is still to be made durable. Does nothing where there is none.</summary>
    internal static void Erase(this FileOperations files, string path)
    {
        using SafeFileHandle? file = OpenToErase(files, path);
        if (file is null) return;

        // Longer ones are none of ours, and could be long without end.
        long length = Math.Min(files.LengthOf(file, path), StoreLimits.RecordLength);
        for (long offset = 0; offset < length; offset += Zeros.Length)
        {
            files.Write(file, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, length - offset)), offset, path);
        }

        files.Sync(file, path);
        files.Unlink(path);
    }

    private static SafeFileHandle? OpenToErase(FileOperations files, string path)
    {
        try
        {
            return files.Open(path, FileUse.Update);
        }
        catch (KmsException failure) when (!StoreFailure.IsOfSystem(failure))
        {
            // A link, a pipe, a file of the wrong mode: it is not written to, for what that would change is unknown. But the name goes.
            files.Unlink(path);
            return null;
        }
    }

    /// <summary>Removes what a failed write left behind, where that is possible.</summary>
    internal static void Discard(this FileOperations files, string path)
    {
        try
        {
            files.Unlink(path);
        }
        catch (KmsException)
        {
            // The failure that led here is the one to report; what stays is moved aside when the store is opened next.
        }
    }
}
