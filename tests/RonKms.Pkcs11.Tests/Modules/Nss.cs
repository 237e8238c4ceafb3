using System.Runtime.InteropServices;
using System.Text;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>NSS softokn in this process: a second module, of other makers, with C_GetInterface and post-quantum mechanisms.</summary>
/// <remarks>It is the one that eng/nss.sh fetched, as the system's may be older. Without it the tests are skipped.</remarks>
internal static class Nss
{
    internal const string Pin = "correct horse";
    internal const string Label = "NSS Certificate DB";

    // In the order in which they need each other: the loader takes what is loaded already.
    private static readonly string[] s_fetched =
        ["libnspr4.so", "libplc4.so", "libplds4.so", "libsqlite3.so.0", "libnssutil3.so", "libsoftokn3.so"];

    private static readonly Lazy<string> s_library = new(Start);

    /// <summary>The token's URI.</summary>
    internal static string Uri => $"pkcs11:token={System.Uri.EscapeDataString(Label)}?module-path={s_library.Value}";

    /// <summary>Logs in to the one token that there is.</summary>
    internal static Pkcs11Token Open(bool acceptUnvouched = true) => Pkcs11Token.Open(Uri, Encoding.UTF8.GetBytes(Pin), acceptUnvouched: acceptUnvouched);

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
        Assert.SkipUnless(File.Exists(Path.Combine(directory, "packages")), "NSS with post-quantum mechanisms is not there (eng/test.sh fetches it, by eng/nss.sh).");
        Assert.All(s_fetched, name => NativeLibrary.Load(Path.Combine(directory, name)));
        return Path.Combine(directory, s_fetched[^1]);
    }
}
