using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>A module beside the library: makes tokens, closes other people's sessions, and puts faults in place of functions.</summary>
internal sealed unsafe class RawModule
{
    internal const int Finalize = 1;
    internal const int GetSlotList = 4;
    internal const int GetTokenInfo = 6;
    internal const int GetMechanismInfo = 8;
    internal const int OpenSession = 12;
    internal const int Login = 18;
    internal const int CreateObject = 20;
    internal const int DestroyObject = 22;
    internal const int GetAttributeValue = 24;
    internal const int FindObjects = 27;
    internal const int EncryptInit = 29;
    internal const int Decrypt = 34;
    internal const int SignInit = 42;
    internal const int Sign = 43;
    internal const int GenerateKey = 58;
    internal const int GenerateKeyPair = 59;
    internal const int WrapKey = 60;
    internal const int UnwrapKey = 61;

    private const ulong UserSo = 0;

    private readonly nint* _functions;

    internal RawModule(string path)
    {
        nint handle = NativeLibrary.Load(path);
        byte* list;
        delegate* unmanaged[Cdecl]<byte**, CULong> getFunctionList =
            (delegate* unmanaged[Cdecl]<byte**, CULong>)NativeLibrary.GetExport(handle, "C_GetFunctionList");
        Check(getFunctionList(&list));
        Functions = new Cryptoki(list);
        _functions = (nint*)(list + sizeof(nint));
    }

    internal Cryptoki Functions { get; }

    internal void Initialize() => Functions.C_Initialize();

    /// <summary>Initialises a module that wants parameters of its own where the standard has a reserved pointer, as NSS does.</summary>
    internal void Initialize(string parameters)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(parameters), 0];
        fixed (byte* pointer = text)
        {
            // NSS has one member more than the standard.
            nint* arguments = stackalloc nint[8];
            arguments[4] = (nint)CK.CKF_OS_LOCKING_OK;
            arguments[5] = (nint)pointer;
            Check(((delegate* unmanaged[Cdecl]<nint*, CULong>)_functions[0])(arguments));
        }
    }

    /// <summary>Forgets every session and login of the process.</summary>
    internal void FinalizeModule() => Functions.C_Finalize();

    /// <summary>Closes every session of this process with a token.</summary>
    internal void CloseAllSessions(string label) => Check(((delegate* unmanaged[Cdecl]<CULong, CULong>)_functions[14])(SlotOf(label)));

    internal CULong SlotOf(string label) => Functions.C_GetSlotList().Single(slot => TokenIdentity.Of(Functions.C_GetTokenInfo(slot)).Label == label);

    internal CK_TOKEN_INFO Info(string label) => Functions.C_GetTokenInfo(SlotOf(label));

    /// <summary>Makes a token in a free slot.</summary>
    internal void InitToken(string label, string soPin, string pin)
    {
        CULong slot = Functions.C_GetSlotList().First(one => ((ulong)Functions.C_GetTokenInfo(one).flags.Value & CK.CKF_TOKEN_INITIALIZED) == 0);
        byte[] padded = Encoding.ASCII.GetBytes(label.PadRight(32));
        byte[] so = Encoding.UTF8.GetBytes(soPin);
        byte[] user = Encoding.UTF8.GetBytes(pin);
        fixed (byte* l = padded, s = so, u = user)
        {
            Check(((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong>)_functions[9])(slot, s, new CULong((uint)so.Length), l));
            CULong session = Functions.C_OpenSession(slot);
            Check(((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)_functions[Login])(session, new CULong((uint)UserSo), s, new CULong((uint)so.Length)));
            Check(((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, CULong>)_functions[10])(session, u, new CULong((uint)user.Length)));
            Functions.C_Logout(session);
            Functions.C_CloseSession(session);
        }

        // A slot that is free for the next one shows when slots are listed anew.
        _ = Functions.C_GetSlotList();
    }

    /// <summary>Gives a token whose security officer has no PIN a user's PIN.</summary>
    internal void InitPin(string label, string pin)
    {
        byte[] user = Encoding.UTF8.GetBytes(pin);
        CULong session = Functions.C_OpenSession(SlotOf(label));
        fixed (byte* u = user)
        {
            Check(((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)_functions[Login])(session, new CULong((uint)UserSo), u, new CULong(0)));
            Check(((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, CULong>)_functions[10])(session, u, new CULong((uint)user.Length)));
        }

        Functions.C_Logout(session);
        Functions.C_CloseSession(session);
    }

    /// <summary>Puts another function in the place of one until the result is disposed.</summary>
    internal IDisposable Replace(int function, void* replacement)
    {
        nint before = _functions[function];
        _functions[function] = (nint)replacement;
        return new Undo(() => _functions[function] = before);
    }

    /// <summary>What stands in a function's place.</summary>
    internal nint this[int function] => _functions[function];

    private static void Check(CULong result)
    {
        if (result.Value != 0)
        {
            throw new CryptokiException((CKR)(ulong)result.Value, "a function of the tests");
        }
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
