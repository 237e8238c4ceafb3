using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>SoftHSM2 in this process, with tokens in a directory of its own. Tests that need it are skipped where it is not installed.</summary>
internal static partial class SoftHsm
{
    internal const string Pin = "correct horse";
    internal const string SoPin = "battery staple";

    private static readonly string[] s_places =
    [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ];

    private static readonly Lazy<(RawModule Module, string Directory)> s_started = new(Start);
    private static int s_tokens;

    /// <summary>The module's functions, for what happens behind the library's back.</summary>
    internal static RawModule Module => s_started.Value.Module;

    /// <summary>Where tokens are.</summary>
    internal static string TokenDirectory => Path.Combine(s_started.Value.Directory, "tokens");

    /// <summary>The configuration file, for other processes.</summary>
    internal static string Configuration => Path.Combine(s_started.Value.Directory, "softhsm2.conf");

    /// <summary>The library's path; skips the test where there is none.</summary>
    internal static string Library
    {
        get
        {
            string? found = Array.Find(s_places, File.Exists);
            Assert.SkipWhen(found is null, "SoftHSM2 is not installed (Debian, Ubuntu: apt-get install softhsm2; Fedora: dnf install softhsm; macOS: brew install softhsm).");
            return found!;
        }
    }

    /// <summary>Makes a new token with <see cref="Pin"/>.</summary>
    /// <returns>Its URI.</returns>
    internal static string NewToken()
    {
        _ = Library;
        string label = "token-" + Interlocked.Increment(ref s_tokens).ToString(CultureInfo.InvariantCulture);
        Module.InitToken(label, SoPin, Pin);
        return $"pkcs11:token={label}?module-path={Library}";
    }

    /// <summary>Makes a new token and logs in to it.</summary>
    internal static Pkcs11Token Open(int maxSessions = Pkcs11Token.DefaultMaxSessions) => Open(NewToken(), maxSessions);

    /// <summary>Logs in to a token.</summary>
    internal static Pkcs11Token Open(string uri, int maxSessions = Pkcs11Token.DefaultMaxSessions) =>
        Pkcs11Token.Open(uri, Encoding.UTF8.GetBytes(Pin), maxSessions);

    private static (RawModule Module, string Directory) Start()
    {
        string directory = Directory.CreateTempSubdirectory("ronkms-p11-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(Path.Combine(directory, "tokens"));
        string configuration = Path.Combine(directory, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");

        // The module asks the C library, which .NET's own environment does not reach.
        Assert.Equal(0, setenv("SOFTHSM2_CONF", configuration, 1));
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration);
        RawModule module = new(Library);
        module.Initialize();
        return (module, directory);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
