using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>Lets something happen between the calls of all threads, never during one: SoftHSM crashes where a session is closed that is in use.</summary>
internal sealed unsafe class CallGate : IDisposable
{
    private static readonly nint[] s_before = new nint[68];
    private static ReaderWriterLockSlim s_gate = new();

    private readonly List<IDisposable> _replaced = [];

    internal CallGate()
    {
        s_gate = new ReaderWriterLockSlim(LockRecursionPolicy.SupportsRecursion);
        Replace(12, &OpenSession);
        Replace(13, &CloseSession);
        Replace(15, &GetSessionInfo);
        Replace(18, &Login);
        Replace(RawModule.CreateObject, &CreateObject);
        Replace(RawModule.GetAttributeValue, &GetAttributeValue);
        Replace(26, &FindObjectsInit);
        Replace(27, &FindObjects);
        Replace(28, &FindObjectsFinal);
        Replace(42, &SignInit);
        Replace(43, &Sign);
    }

    /// <summary>Does something while no call is under way.</summary>
    internal void Between(Action action)
    {
        s_gate.EnterWriteLock();
        try
        {
            action();
        }
        finally
        {
            s_gate.ExitWriteLock();
        }
    }

    public void Dispose() => _replaced.ForEach(one => one.Dispose());

    // None of these functions has more than six arguments, all of them passed in registers; what a function does not have is passed over.
    private static CULong Through(int function, nint a, nint b, nint c, nint d, nint e, nint f)
    {
        s_gate.EnterReadLock();
        try
        {
            return ((delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, CULong>)s_before[function])(a, b, c, d, e, f);
        }
        finally
        {
            s_gate.ExitReadLock();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong OpenSession(nint a, nint b, nint c, nint d, nint e, nint f) => Through(12, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CloseSession(nint a, nint b, nint c, nint d, nint e, nint f) => Through(13, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetSessionInfo(nint a, nint b, nint c, nint d, nint e, nint f) => Through(15, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Login(nint a, nint b, nint c, nint d, nint e, nint f) => Through(18, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CreateObject(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.CreateObject, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GetAttributeValue(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.GetAttributeValue, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindObjectsInit(nint a, nint b, nint c, nint d, nint e, nint f) => Through(26, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindObjects(nint a, nint b, nint c, nint d, nint e, nint f) => Through(27, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindObjectsFinal(nint a, nint b, nint c, nint d, nint e, nint f) => Through(28, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SignInit(nint a, nint b, nint c, nint d, nint e, nint f) => Through(42, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Sign(nint a, nint b, nint c, nint d, nint e, nint f) => Through(43, a, b, c, d, e, f);

    private void Replace(int function, delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, CULong> replacement)
    {
        s_before[function] = SoftHsm.Module[function];
        _replaced.Add(SoftHsm.Module.Replace(function, replacement));
    }
}
