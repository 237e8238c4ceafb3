using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;

namespace RonKms.Storage;

/// <summary>The lock that the one writing process holds, and that the system takes back when the process ends, however it ends.</summary>
/// <remarks>The file is never removed: a process that waits on a removed file and one that makes a new file would both hold a lock.</remarks>
internal sealed class StoreLock : IDisposable
{
    private const int PidLength = 11;
    private const string LockList = "/proc/locks";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle _file;

    private StoreLock(SafeFileHandle file)
    {
        _file = file;
    }

    /// <summary>Takes the lock, or waits for it until a time has passed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreLocked"/>.</exception>
    internal static StoreLock Take(FileOperations files, string path, TimeSpan timeout, TimeProvider time)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            SafeFileHandle? file = TryTake(files, path, out string holder);
            if (file is not null) return new StoreLock(file);

            TimeSpan left = timeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new KmsException(
                    KmsError.StoreLocked,
                    $"{path} is held by {holder}. Only one process may write to a store: stop the other one, or wait and try again.");
            }

            Wait(left < PollInterval ? left : PollInterval, time);
        }
    }

    /// <summary>Who holds a lock, as far as the system tells without taking it: on Linux from its list of locks, which leaves out what other
    /// containers hold; on Windows from the file's being closed to others; elsewhere not at all.</summary>
    /// <returns>The holder, or <see langword="null"/> where none is known.</returns>
    internal static string? FindHolder(FileOperations files, string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) return null;
        try
        {
            using SafeFileHandle? file = files.Open(path, FileUse.Read);
            return file is null || OperatingSystem.IsWindows() ? null : FindHolder(FileStatus.Of(file, path).Inode);
        }
        catch (KmsException failure) when (OperatingSystem.IsWindows() && StoreFailure.IsOfSystem(failure))
        {
            return "another process";
        }
    }

    public void Dispose()
    {
        // Closing is not enough: a process that is just being started has the file open too until it executes its program.
        // Whether it worked does not matter here: should it fail, the lock goes a moment later.
        if (!_file.IsClosed && !OperatingSystem.IsWindows()) _ = Libc.flock(_file, Libc.LOCK_UN);
        _file.Dispose();
    }

    private static SafeFileHandle? TryTake(FileOperations files, string path, out string holder)
    {
        holder = "another process";
        SafeFileHandle? file = OperatingSystem.IsWindows() ? OpenAlone(path) : OpenShared(files, path);
        if (file is null) return null;

        try
        {
            if (OperatingSystem.IsWindows() || TryFlock(file, path))
            {
                WritePid(files, file, path);
                return file;
            }

            holder = ReadHolder(files, file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    private static string? FindHolder(ulong inode)
    {
        // "7: FLOCK  ADVISORY  WRITE 4711 fd:01:1234567 0 EOF"
        string number = string.Create(CultureInfo.InvariantCulture, $":{inode}");
        string[]? held = ListLocks().Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(
            parts => parts is [_, "FLOCK", _, "WRITE", _, var of, ..] && of.EndsWith(number, StringComparison.Ordinal));
        return held is null ? null
            : held[4] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture) ? "this process"
            : $"the process with pid {held[4]}";
    }

    private static string[] ListLocks()
    {
        try
        {
            return File.ReadAllLines(LockList);
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            // Where the system hides its list, no holder is known.
            return [];
        }
    }

    // Opened anew for each attempt: a file that was removed and made again is not waited on.
    private static SafeFileHandle OpenShared(FileOperations files, string path)
    {
        SafeFileHandle? file = files.Open(path, FileUse.Update);
        if (file is not null) return file;

        try
        {
            // Not used itself: .NET takes a lock of its own on what it opens.
            files.CreateNew(path).Dispose();
        }
        catch (KmsException) when (files.Exists(path))
        {
            // Another process made it in the meantime.
        }

        return files.Open(path, FileUse.Update) ?? throw StoreFailure.Worded("open", path, "it was created and is gone again", Libc.ENOENT, null);
    }

    private static SafeFileHandle? OpenAlone(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (failure.GetType() == typeof(IOException))
        {
            // A sharing violation has no type of its own.
            return null;
        }
        catch (Exception failure) when (StoreFailure.IsFileFailure(failure))
        {
            throw StoreFailure.Of("open", path, failure);
        }
    }

    private static bool TryFlock(SafeFileHandle file, string path)
    {
        while (Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Libc.EWOULDBLOCK) return false;
            if (error != Libc.EINTR) throw StoreFailure.OfCall("lock", path);
        }

        return true;
    }

    private static void WritePid(FileOperations files, SafeFileHandle file, string path)
    {
        try
        {
            // Always as long, so that a full disk has room for the next one.
            string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadRight(PidLength - 1) + '\n';
            files.Write(file, Encoding.ASCII.GetBytes(pid), 0, path);
        }
        catch (KmsException)
        {
            // Only the message to another process is the poorer for it: keys must stay usable on a full disk.
        }
    }

    private static string ReadHolder(FileOperations files, SafeFileHandle file, string path)
    {
        Span<byte> text = stackalloc byte[PidLength];
        int length = files.ReadUpTo(file, text, 0, path);
        if (!int.TryParse(Encoding.ASCII.GetString(text[..length]), CultureInfo.InvariantCulture, out int pid)) return "another process";

        return pid == Environment.ProcessId ? $"this process (pid {pid}) already" : $"the process with pid {pid}";
    }

    // The lock has no queue to wait in, and a blocking flock no time limit.
    private static void Wait(TimeSpan interval, TimeProvider time)
    {
        using var due = new ManualResetEventSlim();
        using ITimer timer = time.CreateTimer(_ => due.Set(), null, interval, Timeout.InfiniteTimeSpan);
        due.Wait();
    }
}
