using System.Diagnostics;
using System.Runtime.InteropServices;
using RonKms.Pkcs11;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Benchmarks.Hsm;

/// <summary>A SoftHSM2 token in a directory of its own, which goes with it. One a process: the module reads its configuration once.</summary>
internal sealed partial class SoftToken : IDisposable
{
    private const string Label = "bench";
    private const string Pin = "correct horse";

    private static readonly string[] s_places =
    [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("ronkms-bench-").FullName;
    private readonly ModuleLibrary _module;

    internal SoftToken()
    {
        string library = Library ?? throw new InvalidOperationException("SoftHSM2 is not installed.");
        string configuration = Path.Combine(_directory, "softhsm2.conf");
        string tokens = Directory.CreateDirectory(Path.Combine(_directory, "tokens")).FullName;
        File.WriteAllText(configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");

        // The module asks the C library, which .NET's own environment does not reach; child processes get .NET's.
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration);
        if (setenv("SOFTHSM2_CONF", configuration, 1) != 0)
        {
            throw new InvalidOperationException("The environment cannot be set.");
        }

        MakeToken();
        Token = Pkcs11Token.Open($"pkcs11:token={Label}?module-path={library}", System.Text.Encoding.UTF8.GetBytes(Pin));
        _module = ModuleLibrary.Open(library);
        Slot = Functions.C_GetSlotList().Single(slot => TokenIdentity.Of(Functions.C_GetTokenInfo(slot)).Label == Label);
    }

    /// <summary>Where the module is installed; <see langword="null"/> where it is not.</summary>
    internal static string? Library => Array.Find(s_places, File.Exists);

    /// <summary>The token as the library uses it. This process is logged in to it.</summary>
    internal Pkcs11Token Token { get; }

    /// <summary>The module's own functions.</summary>
    internal Cryptoki Functions => _module.Functions;

    /// <summary>Where the token is.</summary>
    internal CULong Slot { get; }

    public void Dispose()
    {
        Token.Dispose();
        _module.Close();
        Directory.Delete(_directory, recursive: true);
    }

    private static void MakeToken()
    {
        ProcessStartInfo start = new("softhsm2-util", ["--init-token", "--free", "--label", Label, "--so-pin", Pin, "--pin", Pin]) { RedirectStandardOutput = true };
        using Process util = Process.Start(start)!;
        string output = util.StandardOutput.ReadToEnd();
        util.WaitForExit();
        if (util.ExitCode != 0)
        {
            throw new InvalidOperationException($"softhsm2-util ended with {util.ExitCode}: {output}");
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
