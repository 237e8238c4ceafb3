using System.Runtime.InteropServices;

namespace RonKms.Interop;

/// <summary>The functions of libsodium that this package calls, one file a C header, under their C names.</summary>
/// <remarks>
/// The library is found, loaded and initialised on the first call of any function. Every function that returns a code
/// returns 0 for success; the caller checks it.
/// Source: libsodium 1.0.18 or newer, https://doc.libsodium.org.
/// </remarks>
internal static partial class Libsodium
{
    private const string Library = "libsodium";

    // 1.0.18 is the first release whose Ed25519 verification and memory functions this package is tested with.
    private const int OldestMajor = 10;
    private const int OldestMinorOfOldestMajor = 3;

    private static readonly Lock s_loading = new();
    private static nint s_handle;

    static Libsodium()
    {
        NativeLibrary.SetDllImportResolver(typeof(Libsodium).Assembly, Resolve);
    }

    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["libsodium", "libsodium.dll"]
        : OperatingSystem.IsMacOS() ? ["libsodium", "libsodium.dylib", "/opt/homebrew/lib/libsodium.dylib", "/usr/local/lib/libsodium.dylib"]
        : ["libsodium", "libsodium.so.26", "libsodium.so.23", "libsodium.so"];

    private static string FileName =>
        OperatingSystem.IsWindows() ? "libsodium.dll" : OperatingSystem.IsMacOS() ? "libsodium.dylib" : "libsodium.so";

    /// <summary>Throws where a native function that cannot fail on valid arguments reports failure.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="function">Its name, for the message.</param>
    /// <exception cref="KmsException"><see cref="KmsError.Internal"/></exception>
    internal static void Check(int result, string function)
    {
        if (result != 0)
        {
            ThrowFailed(function);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowFailed(string function) => throw new KmsException(
        KmsError.Internal, $"libsodium's {function} failed on arguments that it documents as valid; please report it.");

    private static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library)
        {
            return 0;
        }

        lock (s_loading)
        {
            if (s_handle == 0)
            {
                s_handle = Initialise(Load(assembly, searchPath));
            }

            return s_handle;
        }
    }

    private static nint Load(System.Reflection.Assembly assembly, DllImportSearchPath? searchPath)
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName);
        if (NativeLibrary.TryLoad(beside, out nint handle))
        {
            return handle;
        }

        return LoadAny(Names, assembly, searchPath);
    }

    /// <summary>Loads the first library that is there.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: none is.</exception>
    internal static nint LoadAny(string[] names, System.Reflection.Assembly assembly, DllImportSearchPath? searchPath)
    {
        foreach (string candidate in names)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out nint handle))
            {
                return handle;
            }
        }

        throw new KmsException(
            KmsError.AlgUnavailable,
            "The native library libsodium was not found. Install it: 'apt-get install libsodium23' (Debian, Ubuntu), "
            + "'brew install libsodium' (macOS), or add the NuGet package 'libsodium' to the application.");
    }

    // Called through pointers, because the imports of this class resolve only once this has returned.
    private static unsafe nint Initialise(nint handle)
    {
        delegate* unmanaged[Cdecl]<int> major =
            (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(handle, "sodium_library_version_major");
        delegate* unmanaged[Cdecl]<int> minor =
            (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(handle, "sodium_library_version_minor");
        RequireVersion(major(), minor());
        RequireStarted(((delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(handle, "sodium_init"))());
        return handle;
    }

    /// <summary>Refuses a library that is too old.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/></exception>
    internal static void RequireVersion(int major, int minor)
    {
        if (major < OldestMajor || (major == OldestMajor && minor < OldestMinorOfOldestMajor))
        {
            throw new KmsException(
                KmsError.AlgUnavailable, $"The libsodium found has library version {major}.{minor}; 1.0.18 (10.3) or newer is needed.");
        }
    }

    /// <summary>Refuses a library that does not start.</summary>
    /// <param name="result">What sodium_init returned; 1 means that someone else in this process has already initialised it.</param>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/></exception>
    internal static void RequireStarted(int result)
    {
        if (result is not (0 or 1))
        {
            throw new KmsException(
                KmsError.Entropy, "libsodium could not be initialised: the system's random number generator does not answer.");
        }
    }
}
