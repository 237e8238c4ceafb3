using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>One PKCS#11 module in this process, however many use it: loaded and initialised once, finalized with its last user.</summary>
/// <remarks>
/// A module that somebody else had initialised already is not finalized here. The library itself stays loaded: many leave threads and exit
/// handlers behind. A child of fork(2) would have to initialise its modules anew; .NET processes do not fork.
/// </remarks>
internal sealed class ModuleLibrary
{
    private static readonly Lock s_opening = new();
    private static readonly Dictionary<nint, ModuleLibrary> s_open = [];

    private readonly nint _handle;
    private readonly string _path;
    private volatile int _epoch;
    private int _users;
    private bool _isInitialisedHere;

    private ModuleLibrary(nint handle, string path, Cryptoki functions)
    {
        _handle = handle;
        _path = path;
        Functions = functions;
    }

    /// <summary>Its functions.</summary>
    internal Cryptoki Functions { get; }

    /// <summary>Grows whenever this library initialised the module: nobody had, or somebody finalized it. No number from before means anything then.</summary>
    internal int Epoch => _epoch;

    /// <summary>Starts to use a module. Pairs with <see cref="Close"/>.</summary>
    /// <param name="path">The library's path.</param>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/></exception>
    internal static ModuleLibrary Open(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw new ArgumentException($"A PKCS#11 module is named by its full path, so that nothing else is loaded in its place. It is '{path}'.", nameof(path));
        }

        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Unusable(path, File.Exists(path) ? "it is no library, or not one for this machine and process" : "there is no such file", e);
        }

        lock (s_opening)
        {
            // The loader gives one handle for one library, whatever path names it.
            if (!s_open.TryGetValue(handle, out ModuleLibrary? module))
            {
                module = new ModuleLibrary(handle, path, FunctionsOf(handle, path));
            }

            // Somebody may have finalized one that is in use.
            module.Initialise();
            s_open[handle] = module;
            module._users++;
            return module;
        }
    }

    /// <summary>Initialises the module again where somebody finalized it.</summary>
    /// <param name="epoch">The <see cref="Epoch"/> in which everything was lost.</param>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/></exception>
    internal void InitialiseAnew(int epoch)
    {
        lock (s_opening)
        {
            Initialise();

            // All was lost and it is initialised: perhaps somebody finalized it and did that, and would lose it in turn if it was finalized here.
            _isInitialisedHere &= epoch != _epoch;
        }
    }

    /// <summary>Ends the use.</summary>
    internal void Close()
    {
        lock (s_opening)
        {
            if (--_users > 0)
            {
                return;
            }

            s_open.Remove(_handle);
            if (!_isInitialisedHere)
            {
                return;
            }

            try
            {
                Functions.C_Finalize();
            }
            catch (CryptokiException)
            {
                // Somebody else was first, or it cannot be; there is no other way to end it.
            }
        }
    }

    private void Initialise()
    {
        try
        {
            if (Functions.C_Initialize())
            {
                _isInitialisedHere = true;
                _epoch++;
            }
        }
        catch (CryptokiException e)
        {
            throw Unusable(_path, e.Message, e);
        }
    }

    private static unsafe Cryptoki FunctionsOf(nint handle, string path)
    {
        byte* list = null;
        if (NativeLibrary.TryGetExport(handle, "C_GetInterface", out nint getInterface))
        {
            // The one that can decapsulate, where there is one, and otherwise the one that the module prefers.
            CK_VERSION newest = new() { major = 3, minor = 2 };
            list = InterfaceOf(getInterface, &newest);
            list = list is null ? InterfaceOf(getInterface, null) : list;
        }

        if (list is null && NativeLibrary.TryGetExport(handle, "C_GetFunctionList", out nint getFunctionList))
        {
            CULong result = ((delegate* unmanaged[Cdecl]<byte**, CULong>)getFunctionList)(&list);
            if (result.Value != 0)
            {
                throw Unusable(path, $"C_GetFunctionList returned 0x{(ulong)result.Value:X8}", null);
            }
        }

        if (list is null)
        {
            throw Unusable(path, "it is a library, but not a PKCS#11 module: it has no C_GetFunctionList", null);
        }

        Cryptoki functions = new(list);
        return functions.Version.major is 2 or 3
            ? functions
            : throw Unusable(path, $"it is of version {functions.Version.major}.{functions.Version.minor}, and 2.x or 3.x is needed", null);
    }

    private static unsafe byte* InterfaceOf(nint getInterface, CK_VERSION* version)
    {
        CK_INTERFACE* found;
        fixed (byte* name = "PKCS 11\0"u8)
        {
            CULong result = ((delegate* unmanaged[Cdecl]<byte*, CK_VERSION*, CK_INTERFACE**, CULong, CULong>)getInterface)(name, version, &found, default);
            return result.Value == 0 ? found->pFunctionList : null;
        }
    }

    private static KmsException Unusable(string path, string why, Exception? cause) => new(
        KmsError.TokenUnavailable,
        $"The PKCS#11 module {path} cannot be used: {why}. Name the vendor's library for this system (module-path, KMS_PKCS11_LIB).",
        cause);
}
