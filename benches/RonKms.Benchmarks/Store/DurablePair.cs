using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using RonKms.Interop;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Benchmarks.Store;

/// <summary>Durable creation of Ed25519 keys, and the same work on the file system alone, beside each other on one disk.</summary>
/// <remarks>Both have all 256 directories of records from the beginning. The bare loop writes as many bytes, to files of the same names, and
/// makes no keys, seals and hashes nothing: what that costs counts against the keystore.</remarks>
internal sealed class DurablePair : IDisposable
{
    private const int Threads = 32;
    private const int KeysOfOne = 8;
    private const int KeysOfEach = 8;
    private const int ThreadRounds = 15;

    private readonly string _root = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "store-" + Guid.NewGuid().ToString("N"))).FullName;
    private readonly Keystore _kms;
    private readonly string _bare;
    private readonly SafeFileHandle _journal;
    private readonly byte[] _record;
    private readonly byte[] _line;

    private DurablePair()
    {
        string store = Path.Combine(_root, "store");
        _bare = Path.Combine(_root, "bare");
        _kms = Keystore.OpenOrCreate("file:" + store, KeyEncryptionKey.FromBytes(new byte[32]));
        string keys = Path.Combine(store, "g1", "keys");
        var files = new FileOperations();
        files.CreateDirectory(_bare);
        for (int i = 0; i < 256; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{i:x2}");
            files.CreateDirectory(Path.Combine(keys, name));
            files.CreateDirectory(Path.Combine(_bare, name));
        }

        Create(1);
        _record = File.ReadAllBytes(Directory.EnumerateFiles(keys, "*.ronk", SearchOption.AllDirectories).Single());
        _line = [.. File.ReadAllBytes(Path.Combine(store, "g1", "journal.jsonl")).AsSpan().TrimEnd((byte)'\n')];
        _line = [.. _line.AsSpan(_line.AsSpan().LastIndexOf((byte)'\n') + 1), (byte)'\n'];
        _journal = File.OpenHandle(Path.Combine(_bare, "journal.jsonl"), FileMode.CreateNew, FileAccess.Write);
    }

    internal static DurablePair Begin() => new();

    internal void Create(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Create("bench", "signing", KeyAlgorithm.Ed25519);
        }
    }

    internal void CreateBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            string name = Guid.NewGuid().ToString("D");
            string directory = Path.Combine(_bare, name[..2]);
            string path = Path.Combine(directory, name + ".v1.ronk");
            using (SafeFileHandle record = File.OpenHandle(path + ".tmp", FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(record, _record, 0);
                Require(Libc.fsync(record));
            }

            Require(Libc.rename(path + ".tmp", path));
            using (SafeFileHandle handle = Libc.open(directory, Libc.O_RDONLY | Libc.O_DIRECTORY))
            {
                Require(Libc.fsync(handle));
            }

            RandomAccess.Write(_journal, _line, RandomAccess.GetLength(_journal));
            Require(Libc.fdatasync(_journal));
        }
    }

    /// <summary>How many times longer a key takes when many threads make keys together than when one does.</summary>
    internal Figure MeasureThreads(string name, double limit)
    {
        double[] ratios = new double[ThreadRounds];
        double[] together = new double[ThreadRounds];
        double[] alone = new double[ThreadRounds];
        for (int i = 0; i < ThreadRounds; i++)
        {
            double before = Alone();
            together[i] = (Together() + Together()) / 2;
            alone[i] = (before + Alone()) / 2;
            ratios[i] = together[i] / alone[i];
        }

        Estimate ratio = Estimate.Of(ratios);
        return new Figure(name, ratio, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{ratio}; {1 / Estimate.Of(together).Median:0} keys a second by {Threads} threads, {1 / Estimate.Of(alone).Median:0} by one, {ThreadRounds} rounds of 2 and 2"));
    }

    public void Dispose()
    {
        _kms.Dispose();
        _journal.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private double Alone()
    {
        long started = Stopwatch.GetTimestamp();
        Create(KeysOfOne);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / KeysOfOne;
    }

    private double Together()
    {
        using Barrier start = new(Threads + 1);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            Create(KeysOfEach);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        start.SignalAndWait();
        long started = Stopwatch.GetTimestamp();
        Array.ForEach(threads, thread => thread.Join());
        return Stopwatch.GetElapsedTime(started).TotalSeconds / (Threads * KeysOfEach);
    }

    private static void Require(int result)
    {
        if (result != 0)
        {
            throw new IOException("The file system refused.");
        }
    }
}
