using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>Counts the sessions that are opened and closed one by one while it lives; SoftHSM does not tell.</summary>
internal sealed unsafe class SessionCount : IDisposable
{
    private static readonly Lock s_counting = new();
    private static nint s_openSession;
    private static nint s_closeSession;
    private static int s_open;
    private static int s_most;

    private readonly IDisposable _opening;
    private readonly IDisposable _closing;

    internal SessionCount()
    {
        s_openSession = SoftHsm.Module[12];
        s_closeSession = SoftHsm.Module[13];
        s_open = s_most = 0;
        _opening = SoftHsm.Module.Replace(12, (delegate* unmanaged[Cdecl]<CULong, CULong, void*, void*, CULong*, CULong>)&OpenSession);
        _closing = SoftHsm.Module.Replace(13, (delegate* unmanaged[Cdecl]<CULong, CULong>)&CloseSession);
    }

    /// <summary>How many are open.</summary>
    internal int Open => s_open;

    /// <summary>How many were open at once.</summary>
    internal int Most => s_most;

    public void Dispose()
    {
        _opening.Dispose();
        _closing.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong OpenSession(CULong slot, CULong flags, void* application, void* notify, CULong* session)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, void*, void*, CULong*, CULong>)s_openSession)(slot, flags, application, notify, session);
        lock (s_counting)
        {
            s_open += result.Value == 0 ? 1 : 0;
            s_most = Math.Max(s_most, s_open);
        }

        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CloseSession(CULong session)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong>)s_closeSession)(session);
        lock (s_counting)
        {
            s_open -= result.Value == 0 ? 1 : 0;
        }

        return result;
    }
}
