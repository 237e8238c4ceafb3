using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>NSS softokn in this process: a second module, of other makers, with C_GetInterface, and with post-quantum mechanisms where it is new enough.</summary>
/// <remarks>It is the one that eng/nss.sh fetched, or else the system's. Tests that need what neither has are skipped.</remarks>
internal static class Nss
{
    internal const string Pin = "correct horse";
    internal const string Label = "NSS Certificate DB";

    // In the order in which they need each other: the loader takes what is loaded already.
    private static readonly string[] s_fetched =
        ["libnspr4.so", "libplc4.so", "libplds4.so", "libsqlite3.so.0", "libnssutil3.so", "libsoftokn3.so"];

    private static readonly string[] s_places =
        ["/usr/lib/x86_64-linux-gnu/libsoftokn3.so", "/usr/lib/x86_64-linux-gnu/nss/libsoftokn3.so", "/usr/lib/aarch64-linux-gnu/libsoftokn3.so", "/usr/lib64/libsoftokn3.so"];

    private static readonly Lazy<string> s_library = new(Start);

    /// <summary>The token's URI.</summary>
    internal static string Uri => $"pkcs11:token={System.Uri.EscapeDataString(Label)}?module-path={s_library.Value}";

    /// <summary>Logs in to the one token that there is.</summary>
    internal static Pkcs11Token Open(bool acceptUnvouched = true) => Pkcs11Token.Open(Uri, Encoding.UTF8.GetBytes(Pin), acceptUnvouched: acceptUnvouched);

    /// <summary>Skips the test where the token has no mechanism for an algorithm.</summary>
    internal static void Require(Pkcs11Token token, KeyAlgorithm algorithm) => Assert.SkipUnless(
        algorithm.Use switch
        {
            KeyUse.Encapsulate => token.Connection.FindMechanism(CK.CKM_ML_KEM) is not null,
            _ => !algorithm.Name.StartsWith("mldsa", StringComparison.Ordinal) || token.Connection.FindMechanism(CK.CKM_ML_DSA) is not null,
        },
        "NSS has no post-quantum mechanisms here (eng/nss.sh fetches one that has).");

    private static string Start()
    {
        string library = Load();

        // It waits for the disk at each key, so its database lies in memory where there is a place for that.
        string directory = OperatingSystem.IsLinux() && Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/ronkms-nss-{Guid.NewGuid():N}", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName
            : Directory.CreateTempSubdirectory("ronkms-nss-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        RawModule module = new(library);
        module.Initialize($"configdir='{directory}' certPrefix='' keyPrefix='' secmod='secmod.db'");
        module.InitPin(Label, Pin);
        return library;
    }

    private static string Load()
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string directory = Path.Combine(cache, "ronkms", "nss");
        if (File.Exists(Path.Combine(directory, "recipe")))
        {
            Assert.All(s_fetched, name => NativeLibrary.Load(Path.Combine(directory, name)));
            return Path.Combine(directory, s_fetched[^1]);
        }

        string? installed = Array.Find(s_places, File.Exists);
        Assert.SkipWhen(installed is null, "NSS is not installed (Debian, Ubuntu: apt-get install libnss3).");
        return installed!;
    }
}
