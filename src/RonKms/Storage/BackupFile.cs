using Microsoft.Win32.SafeHandles;

namespace RonKms.Storage;

/// <summary>Files that a backup is written to and read from.</summary>
internal static class BackupFile
{
    /// <summary>Makes a private file that is there whole and durable, or not at all. Never overwrites.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    internal static void Create(FileOperations files, string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (files.Exists(full))
        {
            throw new KmsException(KmsError.StoreFailed, $"{full} exists, and nothing was overwritten. Name a file that is not there yet.");
        }

        // A name of its own: what a crash left of an earlier backup is in nobody's way.
        string temporary = $"{full}.{Path.GetRandomFileName()}{DurableFiles.TemporarySuffix}";
        SafeFileHandle file = files.CreateNew(temporary);
        try
        {
            using (BackupStream stream = new(files, file, temporary))
            {
                write(stream);
                stream.Flush();
                files.Sync(file, temporary);
            }

            files.RenameToFree(temporary, full);
            files.SyncDirectory(Path.GetDirectoryName(full)!);
        }
        catch
        {
            file.Dispose();
            files.Discard(temporary);
            throw;
        }
    }

    /// <summary>Opens a private file to read.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreNotFound"/>: there is none; <see cref="KmsError.PermissionsTooWide"/>.</exception>
    internal static FileStream Open(string path)
    {
        SafeFileHandle file = new FileOperations().Open(Path.GetFullPath(path), FileUse.Read)
            ?? throw new KmsException(KmsError.StoreNotFound, $"There is no backup {path}. Nothing was changed. Check the path.");
        return new FileStream(file, FileAccess.Read);
    }
}
