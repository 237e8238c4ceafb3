using Microsoft.Win32.SafeHandles;

namespace RonKms.Storage;

/// <summary>Makes a store in an empty directory. The description comes last: without it there is no store.</summary>
/// <remarks>
/// A creation that was cut short leaves nothing but the lock, a temporary description and generation 1 with one line or less and no
/// keys. Such remains hold nothing of worth and are replaced. Everything else in a directory without a description is refused.
/// </remarks>
internal sealed class StoreCreation(FileOperations files, StoreLayout layout)
{
    private const long First = 1;
    private const byte LineFeed = (byte)'\n';

    private string TemporaryDescription => layout.Description + DurableFiles.TemporarySuffix;

    /// <summary>Refuses a directory that holds anything but the remains of a creation.</summary>
    internal void RequireVacant()
    {
        string? foreign = FindForeign();

        // Looked at last: another process may have finished a store while this one was looking.
        if (foreign is not null && !files.Exists(layout.Description))
        {
            if (StoreLayout.IsGenerationName(foreign.Split(Path.DirectorySeparatorChar)[0])) throw DescriptionGone(KmsError.StoreFailed, layout, foreign);
            throw new KmsException(
                KmsError.StoreFailed,
                $"{layout.Root} has no {StoreLayout.DescriptionName} but holds {foreign}: no store is made among other files. "
                + "If it was a store, restore its description from a backup; otherwise name a directory that is empty or does not exist yet.");
        }
    }

    /// <summary>Makes the store; once this returns it is durable.</summary>
    internal void Make(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine)
    {
        if (files.Exists(layout.Description))
        {
            throw new KmsException(KmsError.StoreFailed, $"{layout.Root} holds a store already. Open it, or name another directory.");
        }

        RequireVacant();
        RemoveRemains();

        // The directory itself may have been made by an attempt that ended before it was durable.
        if (Path.GetDirectoryName(layout.Root) is { } parent) files.SyncDirectory(parent);
        files.RequireDirectory(layout.Generation(First));
        files.RequireDirectory(layout.Keys(First));
        files.WriteNew(layout.Journal(First), firstLine);
        files.SyncDirectory(layout.Generation(First));
        files.Replace(layout.Description, description);
    }

    /// <summary>Words that of a store all is there but its description.</summary>
    internal static KmsException DescriptionGone(KmsError error, StoreLayout layout, string left) => new(
        error,
        $"{layout.Root} holds {left}, but its {StoreLayout.DescriptionName} is gone, without which no key opens. Restore {StoreLayout.DescriptionName} from a backup; "
        + "never make a new store there. (Unless the store was just being made when that was cut short: then make it again.)");

    private string? FindForeign()
    {
        string temporary = Path.GetFileName(TemporaryDescription);
        string generation = StoreLayout.GenerationName(First);
        string? foreign = files.List(layout.Root).FirstOrDefault(name => name != StoreLayout.LockName && name != temporary && name != generation);
        if (foreign is not null || !files.Exists(layout.Generation(First))) return foreign;
        if (!files.FindDirectory(layout.Generation(First))) return null;

        foreach (string name in files.List(layout.Generation(First)))
        {
            bool isOurs = name switch
            {
                StoreLayout.JournalName => HasOneLineAtMost(layout.Journal(First)),
                StoreLayout.KeysName => files.FindDirectory(layout.Keys(First)) && files.List(layout.Keys(First)).Count == 0,
                _ => false,
            };
            if (!isOurs) return Path.Combine(generation, name);
        }

        return null;
    }

    private bool HasOneLineAtMost(string journal)
    {
        using SafeFileHandle? file = files.Open(journal, FileUse.Read);
        if (file is null) return true;

        long length = files.LengthOf(file, journal);
        if (length > StoreLimits.DescriptionLength) return false;

        int lineFeed = files.ReadExactly(file, 0, (int)length, journal).AsSpan().IndexOf(LineFeed);
        return lineFeed < 0 || lineFeed == length - 1;
    }

    // Any part of this leaves remains again.
    private void RemoveRemains()
    {
        if (files.Exists(TemporaryDescription)) files.Unlink(TemporaryDescription);
        if (!files.Exists(layout.Generation(First))) return;
        if (files.Exists(layout.Journal(First))) files.Unlink(layout.Journal(First));
        if (files.Exists(layout.Keys(First))) files.RemoveDirectory(layout.Keys(First));
        files.RemoveDirectory(layout.Generation(First));
    }
}
