using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>This test assembly as another process: as the holder of a store, or to run one test as an unprivileged user.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string HolderOf = "RONKMS_TEST_HOLDS_STORE";
    private const string Waits = "RONKMS_TEST_WAITS_FOR_STORE";
    private const string WriterOf = "RONKMS_TEST_WRITES_STORE";
    private const string Held = "held";
    private const string Nobody = "65534";

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>What the writer wraps.</summary>
    internal static byte[] Message { get; } = "of another process"u8.ToArray();

    internal int Id => _process.Id;

    /// <summary>Whether tests of refused access must run elsewhere, because this user is refused nothing.</summary>
    internal static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Starts a process that opens a store and keeps it; returns once it has it.</summary>
    internal static ChildProcess Hold(string path)
    {
        ProcessStartInfo start = Start([]);
        start.Environment[HolderOf] = path;
        var child = new ChildProcess(Process.Start(start)!);
        Assert.Equal(Held, child._process.StandardOutput.ReadLine());
        return child;
    }

    /// <summary>Starts a process that opens a store and keeps it, and waits as long as another one has it.</summary>
    internal static ChildProcess Race(string path)
    {
        ProcessStartInfo start = Start([]);
        start.Environment[HolderOf] = path;
        start.Environment[Waits] = "1";
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Starts a process that writes to a keystore, a change for each <see cref="Answer"/>: a key and an envelope of it, its destruction, and
    /// now and then a new generation.</summary>
    internal static ChildProcess Write(string path)
    {
        ProcessStartInfo start = Start([]);
        start.Environment[WriterOf] = path;
        var child = new ChildProcess(Process.Start(start)!);
        Assert.Equal(Held, child._process.StandardOutput.ReadLine());
        return child;
    }

    /// <summary>Lets the writer make its next change, and says which that was.</summary>
    internal string Answer()
    {
        _process.StandardInput.WriteLine();
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The writer ended.");
    }

    /// <summary>Ends once the process has the store.</summary>
    internal async Task Holds() => Assert.Equal(Held, await _process.StandardOutput.ReadLineAsync());

    /// <summary>Runs a test as a user without rights, and passes or fails as it does there.</summary>
    internal static void RunUnprivileged(Type testClass, string test) => RunOne(
        Start(["-noColor", "-method", $"{testClass.FullName}.{test}"], ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"]));

    /// <summary>Runs an explicit test where an environment variable is set.</summary>
    internal static void RunWhere(string variable, string value, Type testClass, string test)
    {
        ProcessStartInfo start = Start(["-noColor", "-explicit", "only", "-method", $"{testClass.FullName}.{test}"]);
        start.Environment[variable] = value;
        RunOne(start);
    }

    /// <summary>Lets the holder let go, and waits until it has ended.</summary>
    internal void Release()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
    }

    /// <summary>Ends the holder without giving it a chance to let go.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

#pragma warning disable CA2255 // Not a library: the assembly is its own child process.
    [ModuleInitializer]
    internal static void BeHolder()
#pragma warning restore CA2255
    {
        string? path = Environment.GetEnvironmentVariable(HolderOf);
        if (path is null) return;

        bool waits = Environment.GetEnvironmentVariable(Waits) is not null;
        using FileStore store = FileStore.Open(path, waits ? new FileStoreOptions { LockTimeout = TimeSpan.FromMinutes(5) } : FileStores.Existing);
        using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
        output.WriteLine(Held);
        _ = Console.OpenStandardInput().ReadByte();
        store.Dispose();
        Environment.Exit(0);
    }

#pragma warning disable CA2255 // As above.
    [ModuleInitializer]
    internal static void BeWriter()
#pragma warning restore CA2255
    {
        string? path = Environment.GetEnvironmentVariable(WriterOf);
        if (path is null) return;

        KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(Following.FollowedKeys.First);
        using Keystore keys = Keystore.Open("file:" + path, Kek());
        using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
        output.WriteLine(Held);
        for (int round = 0; Console.ReadLine() is not null; round++)
        {
            KeyId key = keys.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
            output.WriteLine($"{key} {Convert.ToBase64String(keys.Wrap(key, Message))}");
            _ = Console.ReadLine();
            keys.Destroy(key);
            output.WriteLine("destroyed");
            _ = Console.ReadLine();
            if (round % 3 == 1) keys.Reseal(Kek());
            if (round % 3 == 2) keys.ChangeKek(Kek());
            output.WriteLine("changed");
        }

        Environment.Exit(0);
    }

    private static void RunOne(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && output.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", StringComparison.Ordinal), output);
    }

    private static ProcessStartInfo Start(string[] arguments, params string[] wrapper)
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        string[] command = [.. wrapper, host, typeof(ChildProcess).Assembly.Location, .. arguments];
        return new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
    }
}
