using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>A PKCS#11 module of one token and as little as a login needs, whose functions are steps. It tells when two use one session at once.</summary>
internal static unsafe class FakeModule
{
    // Places in the list of functions, by pkcs11f.h.
    private const int Functions = 68;
    private const uint Slot = 7;

    private static readonly nint* s_list = MakeList();
    private static readonly HashSet<nuint> s_open = [];
    private static readonly HashSet<nuint> s_used = [];
    private static byte[] s_mark = [];
    private static nuint s_last;
    private static bool s_isLoggedIn;

    /// <summary>What a caller did wrong, if anything.</summary>
    internal static string? Fault { get; private set; }

    /// <summary>How many sessions are open.</summary>
    internal static int Sessions => s_open.Count;

    /// <summary>How often somebody logged in.</summary>
    internal static int Logins { get; private set; }

    /// <summary>Another connection with it, as if nothing had been before.</summary>
    internal static TokenConnection Connect(int maxSessions)
    {
        LoseAll();
        (s_last, Logins, Fault) = (0, 0, null);
        ModuleLibrary module = NewModule(0, "fake", new Cryptoki((byte*)s_list));
        TokenConnection connection = NewConnection(module, new CULong(Slot), module.Functions.C_GetTokenInfo(new CULong(Slot)), "1234"u8, maxSessions);
        OpenConnections(null).Add(connection);
        return connection;
    }

    /// <summary>Closes all sessions, as whoever else is in the process can, or a token that is pulled out.</summary>
    internal static void LoseAll()
    {
        s_open.Clear();
        s_isLoggedIn = false;
        s_mark = [];
    }

    /// <summary>Logs the user out, as whoever else is in the process can. The sessions stay open.</summary>
    internal static void LogOut() => s_isLoggedIn = false;

    /// <summary>Does something in a session, as a signature would.</summary>
    internal static int Use(CULong session)
    {
        CKR result = In(session, CKR.CKR_OK);
        result = result == CKR.CKR_OK && !s_isLoggedIn ? CKR.CKR_USER_NOT_LOGGED_IN : result;
        return result == CKR.CKR_OK ? 1 : throw new CryptokiException(result, "C_Sign");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ModuleLibrary NewModule(nint handle, string path, Cryptoki functions);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern TokenConnection NewConnection(ModuleLibrary module, CULong slot, in CK_TOKEN_INFO info, ReadOnlySpan<byte> pin, int maxSessions);

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "s_open")]
    private static extern ref List<TokenConnection> OpenConnections(TokenConnection? _);

    private static nint* MakeList()
    {
        nint* list = (nint*)NativeMemory.AllocZeroed((nuint)((Functions + 1) * sizeof(nint)));
        *(byte*)list = 2;
        nint* functions = (nint*)((byte*)list + (OperatingSystem.IsWindows() ? sizeof(CK_VERSION) : sizeof(nint)));
        functions[0] = (nint)(delegate* unmanaged[Cdecl]<nint, CULong>)&Initialize;
        functions[4] = (nint)(delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong>)&GetSlotList;
        functions[6] = (nint)(delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&GetTokenInfo;
        functions[12] = (nint)(delegate* unmanaged[Cdecl]<CULong, CULong, nint, nint, CULong*, CULong>)&OpenSession;
        functions[13] = (nint)(delegate* unmanaged[Cdecl]<CULong, CULong>)&CloseSession;
        functions[15] = (nint)(delegate* unmanaged[Cdecl]<CULong, CK_SESSION_INFO*, CULong>)&GetSessionInfo;
        functions[18] = (nint)(delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)&Login;
        functions[19] = (nint)(delegate* unmanaged[Cdecl]<CULong, CULong>)&Logout;
        functions[20] = (nint)(delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&CreateObject;
        functions[24] = (nint)(delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&GetAttributeValue;
        return list;
    }

    /// <summary>A call in a session: a step, before which the session must be there, and behind which it may be gone.</summary>
    private static CKR In(CULong session, CKR result)
    {
        if (!s_open.Contains(session.Value))
        {
            return CKR.CKR_SESSION_HANDLE_INVALID;
        }

        if (!s_used.Add(session.Value))
        {
            Fault ??= $"Two use session {session.Value} at once.";
        }

        try
        {
            Controlled.Step("in a session");
        }
        catch (ScheduleOverException)
        {
            // No exception may pass through native code.
        }

        s_used.Remove(session.Value);
        return s_open.Contains(session.Value) ? result : CKR.CKR_SESSION_HANDLE_INVALID;
    }

    private static CULong Code(CKR code) => new((uint)code);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Initialize(nint arguments) => Code(CKR.CKR_CRYPTOKI_ALREADY_INITIALIZED);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetSlotList(byte present, CULong* slots, CULong* count)
    {
        if (slots is not null)
        {
            *slots = new CULong(Slot);
        }

        *count = new CULong(1);
        return Code(CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetTokenInfo(CULong slot, CK_TOKEN_INFO* info)
    {
        *info = default;
        Encoding.ASCII.GetBytes("fake".PadRight(32)).CopyTo(info->label);
        info->flags = new CULong(CK.CKF_TOKEN_INITIALIZED);
        return Code(CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong OpenSession(CULong slot, CULong flags, nint application, nint notify, CULong* session)
    {
        s_open.Add(++s_last);
        *session = new CULong(s_last);
        return Code(CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CloseSession(CULong session)
    {
        CKR result = In(session, CKR.CKR_OK);
        s_open.Remove(session.Value);
        s_isLoggedIn &= s_open.Count > 0;
        return Code(result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetSessionInfo(CULong session, CK_SESSION_INFO* info)
    {
        // Asked of the session that holds the login by all at once.
        if (!s_open.Contains(session.Value))
        {
            return Code(CKR.CKR_SESSION_HANDLE_INVALID);
        }

        *info = new CK_SESSION_INFO { slotID = new CULong(Slot), state = new CULong(s_isLoggedIn ? CK.CKS_RW_USER_FUNCTIONS : 2) };
        return Code(CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Login(CULong session, CULong user, byte* pin, CULong length)
    {
        CKR result = In(session, CKR.CKR_OK);
        if (result == CKR.CKR_OK)
        {
            Fault ??= s_isLoggedIn ? "Somebody logs in who is logged in." : null;
            s_isLoggedIn = true;
            Logins++;
        }

        return Code(result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Logout(CULong session)
    {
        s_isLoggedIn = false;
        return Code(In(session, CKR.CKR_OK));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CreateObject(CULong session, CK_ATTRIBUTE* template, CULong count, CULong* created)
    {
        for (int i = 0; i < (int)count.Value; i++)
        {
            if (template[i].type.Value == CK.CKA_VALUE)
            {
                s_mark = new ReadOnlySpan<byte>(template[i].pValue, (int)template[i].ulValueLen.Value).ToArray();
            }
        }

        *created = new CULong(1);
        return Code(CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetAttributeValue(CULong session, CULong target, CK_ATTRIBUTE* attribute, CULong count)
    {
        if (!s_open.Contains(session.Value) || s_mark.Length == 0)
        {
            return Code(CKR.CKR_OBJECT_HANDLE_INVALID);
        }

        s_mark.CopyTo(new Span<byte>(attribute->pValue, (int)attribute->ulValueLen.Value));
        attribute->ulValueLen = new CULong((uint)s_mark.Length);
        return Code(CKR.CKR_OK);
    }
}
