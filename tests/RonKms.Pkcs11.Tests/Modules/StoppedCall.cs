using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>Stops the first call of a function by one thread, before it reaches the module, until it is let go.</summary>
internal sealed unsafe class StoppedCall : IDisposable
{
    private static readonly StoppedCall?[] s_stops = new StoppedCall?[68];

    private readonly Thread _thread;
    private readonly nint _before;
    private readonly IDisposable _replaced;
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _released = new();

    internal StoppedCall(int function, Thread thread)
    {
        _thread = thread;
        _before = SoftHsm.Module[function];
        s_stops[function] = this;
        _replaced = SoftHsm.Module.Replace(function, function switch
        {
            RawModule.OpenSession => (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, CULong>)&OpenSession,
            RawModule.CreateObject => &CreateObject,
            RawModule.SignInit => &SignInit,
            RawModule.Sign => &Sign,
            _ => throw new ArgumentOutOfRangeException(nameof(function)),
        });
    }

    /// <summary>Waits until the thread is in the call.</summary>
    internal void WaitUntilBegun() => Assert.True(_begun.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

    /// <summary>Lets the call go on.</summary>
    internal void Release() => _released.Set();

    public void Dispose()
    {
        Release();
        Assert.True(_thread.Join(TimeSpan.FromMinutes(1)));
        _replaced.Dispose();
    }

    // None of these functions has more than six arguments, all of them passed in registers; what a function does not have is passed over.
    private static CULong Through(int function, nint a, nint b, nint c, nint d, nint e, nint f)
    {
        StoppedCall stop = s_stops[function]!;
        if (Thread.CurrentThread == stop._thread && !stop._begun.IsSet)
        {
            stop._begun.Set();
            stop._released.Wait(TimeSpan.FromMinutes(1));
        }

        return ((delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, CULong>)stop._before)(a, b, c, d, e, f);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong OpenSession(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.OpenSession, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CreateObject(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.CreateObject, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SignInit(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.SignInit, a, b, c, d, e, f);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Sign(nint a, nint b, nint c, nint d, nint e, nint f) => Through(RawModule.Sign, a, b, c, d, e, f);
}
