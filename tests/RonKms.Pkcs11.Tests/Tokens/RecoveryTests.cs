using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Sessions, logins and modules that go away behind the library's back.</summary>
public sealed unsafe class RecoveryTests : IDisposable
{
    private static nint s_login;
    private static int s_logins;
    private static int s_signs;

    private readonly string _uri = SoftHsm.NewToken();
    private readonly Pkcs11Token _token;
    private readonly Keystore _keystore;
    private readonly KeyId _key;

    public RecoveryTests()
    {
        _token = SoftHsm.Open(_uri);
        _keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
        _key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    public void Dispose()
    {
        _keystore.Dispose();
        _token.Dispose();
    }

    [Fact]
    public void Sessions_that_somebody_closed_are_opened_again()
    {
        for (int i = 0; i < 5; i++)
        {
            SoftHsm.Module.CloseAllSessions(_token.Label);
            SignsWell();
        }
    }

    [Fact]
    public void A_module_that_somebody_initialised_anew_is_used_again()
    {
        SoftHsm.Module.FinalizeModule();
        SoftHsm.Module.Initialize();
        SignsWell();

        SoftHsm.Module.FinalizeModule();
        SignsWell();
        KeyId made = _keystore.Create("acme", "p", KeyAlgorithm.P256);
        Assert.True(_keystore.Verify(made, "m"u8, _keystore.Sign(made, "m"u8)));

        // It is this library's to finalize now, and was the tests' before.
        _keystore.Dispose();
        _token.Dispose();
        Assert.Equal(CKR.CKR_CRYPTOKI_NOT_INITIALIZED, Assert.Throws<CryptokiException>(() => SoftHsm.Module.Functions.C_GetSlotList()).Code);
        SoftHsm.Module.Initialize();
        SoftHsm.Open(_uri).Dispose();
        _ = SoftHsm.Module.Functions.C_GetSlotList();
    }

    [Fact]
    public void A_module_that_somebody_finalized_is_initialised_by_who_opens_another_token()
    {
        string other = SoftHsm.NewToken();
        SoftHsm.Module.FinalizeModule();
        using (SoftHsm.Open(other))
        {
            SignsWell();
        }

        SignsWell();
        _keystore.Dispose();
        _token.Dispose();
        SoftHsm.Module.Initialize();
    }

    [Fact]
    public void A_module_that_somebody_else_initialised_since_is_not_finalized()
    {
        SoftHsm.Module.FinalizeModule();
        SignsWell();
        SoftHsm.Module.FinalizeModule();
        SoftHsm.Module.Initialize();
        SignsWell();

        _keystore.Dispose();
        _token.Dispose();

        _ = SoftHsm.Module.Functions.C_GetSlotList();
    }

    [Fact]
    public void A_login_whose_mark_alone_is_lost_still_ends_with_its_last_user()
    {
        Cryptoki functions = SoftHsm.Module.Functions;
        CULong slot = SoftHsm.Module.SlotOf(_token.Label);
        for (int i = 0; i < 3; i++)
        {
            // As where a cluster of HSMs goes over to another one, which does not know the objects of sessions.
            CULong theirs = functions.C_OpenSession(slot);
            using (AttributeTemplate template = new())
            {
                template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_TOKEN, false);
                functions.C_DestroyObject(theirs, Assert.Single(TokenObject.Find(functions, theirs, template)));
            }

            functions.C_CloseSession(theirs);
            SignsWell();
        }

        _keystore.Dispose();
        _token.Dispose();

        CULong after = functions.C_OpenSession(slot);
        Assert.NotEqual(CK.CKS_RW_USER_FUNCTIONS, functions.C_GetSessionInfo(after).state.Value);
        functions.C_CloseSession(after);
        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(_uri, "incorrect pony"u8)).Error);
    }

    [Fact]
    public void A_user_who_was_logged_out_is_logged_in_again()
    {
        CULong session = SoftHsm.Module.Functions.C_OpenSession(SoftHsm.Module.SlotOf(_token.Label));
        SoftHsm.Module.Functions.C_Logout(session);

        SignsWell();
        SoftHsm.Module.Functions.C_CloseSession(session);
    }

    [Fact]
    public void No_session_is_lost_sight_of_that_is_opened_while_another_thread_has_to_log_in_anew()
    {
        byte[]? slowly = null;
        byte[]? anew = null;
        Thread opening = new(() => slowly = _keystore.Sign(_key, "m"u8));
        Thread recovering = new(() => anew = _keystore.Sign(_key, "m"u8));
        using SessionCount sessions = new();
        using (StoppedCall stoppedSigning = new(RawModule.SignInit, recovering))
        using (StoppedCall stoppedOpening = new(RawModule.OpenSession, opening))
        {
            // The one that recovers has the session that was idle, so that the other one opens a new one.
            recovering.Start();
            stoppedSigning.WaitUntilBegun();
            opening.Start();
            stoppedOpening.WaitUntilBegun();
            SoftHsm.Module.CloseAllSessions(_token.Label);

            // It waits for the other one; if it did not, it would be through by then.
            stoppedSigning.Release();
            recovering.Join(TimeSpan.FromSeconds(2));
        }

        Assert.True(_keystore.Verify(_key, "m"u8, slowly!));
        Assert.True(_keystore.Verify(_key, "m"u8, anew!));
        _keystore.Dispose();
        _token.Dispose();
        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void Sessions_that_a_logout_by_somebody_else_left_open_are_closed()
    {
        SoftHsm.Module.CloseAllSessions(_token.Label);
        using SessionCount sessions = new();
        for (int i = 0; i < 10; i++)
        {
            SignsWell();
            CULong theirs = SoftHsm.Module.Functions.C_OpenSession(SoftHsm.Module.SlotOf(_token.Label));
            SoftHsm.Module.Functions.C_Logout(theirs);
            SoftHsm.Module.Functions.C_CloseSession(theirs);
        }

        // The one that is held, and one that was used.
        Assert.Equal(2, sessions.Open);
    }

    [Fact]
    public void Many_threads_share_few_sessions_and_recover_once()
    {
        s_login = SoftHsm.Module[RawModule.Login];
        s_logins = 0;
        byte[][] signatures = new byte[64][];
        SoftHsm.Module.CloseAllSessions(_token.Label);
        using SessionCount sessions = new();
        using (SoftHsm.Module.Replace(RawModule.Login, (delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)&CountLogin))
        {
            using Barrier together = new(signatures.Length);
            Thread[] threads = [.. signatures.Select((_, i) => new Thread(() =>
            {
                together.SignalAndWait();
                signatures[i] = _keystore.Sign(_key, "m"u8);
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(2))));
        }

        Assert.Equal(1, s_logins);
        Assert.All(signatures, signature => Assert.True(_keystore.Verify(_key, "m"u8, signature)));

        // And the one that is held.
        Assert.InRange(sessions.Most, 2, Pkcs11Token.DefaultMaxSessions + 1);
    }

    [Fact]
    public void Ten_thousand_operations_go_on_while_sessions_are_closed_all_the_time()
    {
        const int Threads = 16;
        const int Each = 10_000 / Threads;
        int asked = 0;
        int good = 0;
        int refused = 0;
        int left = Threads;
        int closed = 0;
        using CallGate gate = new();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            // And until they were closed often enough, however fast the machine.
            for (int i = 0; i < Each || Volatile.Read(ref closed) <= 10; i++)
            {
                Interlocked.Increment(ref asked);
                try
                {
                    if (_keystore.Verify(_key, "m"u8, _keystore.Sign(_key, "m"u8)))
                    {
                        Interlocked.Increment(ref good);
                    }
                }
                catch (KmsException e) when (e.Error == KmsError.TokenUnavailable && e.IsRetryable)
                {
                    // Lost twice in a row.
                    Interlocked.Increment(ref refused);
                }
            }

            Interlocked.Decrement(ref left);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        using (ManualResetEventSlim pause = new())
        {
            for (; Volatile.Read(ref left) > 0; Volatile.Write(ref closed, closed + 1))
            {
                gate.Between(() => SoftHsm.Module.CloseAllSessions(_token.Label));

                // Not before something was done in between, however slow the machine: an operation is refused only where it was in the way of two.
                int before = Volatile.Read(ref good);
                do
                {
                    pause.Wait(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
                }
                while (Volatile.Read(ref left) > 0 && Volatile.Read(ref good) < before + Threads);
            }
        }

        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(3))));
        Assert.True(closed > 10, $"Sessions were closed {closed} times.");
        Assert.True(asked >= Threads * Each, $"{asked} were asked for.");
        Assert.Equal(asked, good + refused);
        Assert.True(good > refused, $"{good} were done and {refused} refused.");
        SignsWell();
    }

    [Fact]
    public void A_failure_that_goes_on_is_told_after_one_more_try_and_ends_with_the_failure()
    {
        s_signs = 0;
        using (SoftHsm.Module.Replace(RawModule.Sign, (delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)&LoseDevice))
        {
            KmsException lost = Assert.Throws<KmsException>(() => _keystore.Sign(_key, "m"u8));
            Assert.Equal(KmsError.TokenUnavailable, lost.Error);
            Assert.True(lost.IsRetryable);
            Assert.Contains("CKR_DEVICE_REMOVED", lost.Message, StringComparison.Ordinal);
            Assert.Equal(2, s_signs);
        }

        SignsWell();
    }

    [Fact]
    public void A_token_whose_files_are_gone_is_unavailable_and_comes_back_with_them()
    {
        string aside = SoftHsm.TokenDirectory + "-aside";
        _keystore.Sign(_key, "m"u8);
        Directory.Move(SoftHsm.TokenDirectory, aside);
        try
        {
            SoftHsm.Module.FinalizeModule();
            Directory.CreateDirectory(SoftHsm.TokenDirectory);
            SoftHsm.Module.Initialize();

            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => _keystore.Sign(_key, "m"u8)).Error);
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519)).Error);
        }
        finally
        {
            SoftHsm.Module.FinalizeModule();
            Directory.Delete(SoftHsm.TokenDirectory, recursive: true);
            Directory.Move(aside, SoftHsm.TokenDirectory);
            SoftHsm.Module.Initialize();
        }

        SignsWell();
    }

    [Fact]
    public void Disposal_lets_what_is_under_way_end()
    {
        int wrong = 0;
        SoftHsm.Module.CloseAllSessions(_token.Label);
        using SessionCount sessions = new();
        using ManualResetEventSlim begun = new();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            try
            {
                while (true)
                {
                    byte[] signature = _keystore.Sign(_key, "m"u8);
                    begun.Set();
                    if (signature.Length != 64)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            }
            catch (ObjectDisposedException)
            {
                // As it must be.
            }
            catch (KmsException)
            {
                Interlocked.Increment(ref wrong);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        begun.Wait(TestContext.Current.CancellationToken);

        _keystore.Dispose();
        _token.Dispose();

        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(1))));
        Assert.Equal(0, wrong);
        Assert.Equal(0, sessions.Open);
    }

    private void SignsWell() => Assert.True(_keystore.Verify(_key, "m"u8, _keystore.Sign(_key, "m"u8)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CountLogin(CULong session, CULong user, byte* pin, CULong length)
    {
        Interlocked.Increment(ref s_logins);
        return ((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)s_login)(session, user, pin, length);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong LoseDevice(CULong session, byte* data, CULong length, byte* signature, CULong* signatureLength)
    {
        Interlocked.Increment(ref s_signs);
        return new CULong((uint)CKR.CKR_DEVICE_REMOVED);
    }
}
