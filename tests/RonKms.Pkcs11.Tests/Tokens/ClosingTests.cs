using RonKms.Backends;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Keys;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>The end of a login while it is used.</summary>
public sealed class ClosingTests : IDisposable
{
    private readonly TimeSpan _patience = TokenConnection.Patience;
    private readonly ManualResetEventSlim _begun = new();
    private readonly ManualResetEventSlim _released = new();
    private readonly string _uri = SoftHsm.NewToken();

    public void Dispose()
    {
        TokenConnection.Patience = _patience;
        _begun.Dispose();
        _released.Dispose();
    }

    [Fact]
    public void A_call_that_does_not_come_back_in_time_ends_the_login_itself()
    {
        // So that the module is this library's to finalize.
        SoftHsm.Module.FinalizeModule();
        try
        {
            Pkcs11Token token = SoftHsm.Open(_uri);
            TokenConnection.Patience = TimeSpan.FromMilliseconds(50);
            ulong? state = null;
            Thread slow = new(() => state = Hold(token.Connection));
            slow.Start();
            Wait(_begun);

            token.Dispose();

            // The module is there as long as somebody is in it.
            _ = SoftHsm.Module.Functions.C_GetSlotList();
            _released.Set();
            Assert.True(slow.Join(TimeSpan.FromMinutes(1)));
            Assert.Equal(CK.CKS_RW_USER_FUNCTIONS, state);
            Assert.Equal(CKR.CKR_CRYPTOKI_NOT_INITIALIZED, Assert.Throws<CryptokiException>(() => SoftHsm.Module.Functions.C_GetSlotList()).Code);
        }
        finally
        {
            SoftHsm.Module.Initialize();
        }
    }

    [Fact]
    public void A_token_that_is_opened_again_while_a_call_has_not_come_back_is_shared_with_it()
    {
        using SessionCount sessions = new();
        Pkcs11Token token = SoftHsm.Open(_uri);
        TokenConnection.Patience = TimeSpan.FromMilliseconds(50);
        Thread slow = new(() => Hold(token.Connection));
        slow.Start();
        Wait(_begun);
        token.Dispose();

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(_uri, "incorrect pony"u8)).Error);
        using (Pkcs11Token again = SoftHsm.Open(_uri))
        {
            _released.Set();
            Assert.True(slow.Join(TimeSpan.FromMinutes(1)));
            again.CreateKek("kek").Dispose();
        }

        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void Who_waits_for_a_session_when_the_login_ends_is_told_at_once()
    {
        Pkcs11Token token = SoftHsm.Open(_uri, maxSessions: 1);
        TokenConnection connection = token.Connection;
        Exception? told = null;
        Thread slow = new(() => Hold(connection));
        slow.Start();
        Wait(_begun);
        Thread waiting = new(() => told = Record.Exception(() => connection.FindMechanism(CK.CKM_AES_GCM)));
        waiting.Start();
        Assert.True(SpinWait.SpinUntil(() => waiting.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)));
        Thread closing = new(token.Dispose);
        closing.Start();

        // Before the one in the session has come back, and long before patience ends.
        Assert.True(waiting.Join(TimeSpan.FromSeconds(10)));
        Assert.IsType<ObjectDisposedException>(told);
        Assert.Throws<ObjectDisposedException>(() => connection.FindMechanism(CK.CKM_AES_GCM));

        _released.Set();
        Assert.True(slow.Join(TimeSpan.FromMinutes(1)));
        Assert.True(closing.Join(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Where_a_call_does_not_come_back_lost_sessions_are_told_as_such()
    {
        using Pkcs11Token token = SoftHsm.Open(_uri);
        Thread slow = new(() => Record.Exception(() => Hold(token.Connection)));
        slow.Start();
        Wait(_begun);
        SoftHsm.Module.CloseAllSessions(token.Label);
        TokenConnection.Patience = TimeSpan.FromMilliseconds(50);

        KmsException lost = Assert.Throws<KmsException>(() => token.CreateKek("kek"));

        Assert.Equal(KmsError.TokenUnavailable, lost.Error);
        Assert.Contains("does not come back", lost.Message, StringComparison.Ordinal);
        TokenConnection.Patience = _patience;
        _released.Set();
        Assert.True(slow.Join(TimeSpan.FromMinutes(1)));
        token.CreateKek("kek").Dispose();
    }

    [Fact]
    public void A_backend_that_was_disposed_does_nothing_any_more_though_others_use_the_token()
    {
        using Pkcs11Token token = SoftHsm.Open(_uri);
        Pkcs11Backend backend = new(token.Connection.Share(), () => new KeystoreOptions().Algorithms, allowImport: true, KeyOrigin.Made);
        using GeneratedKey made = backend.Generate(KeyAlgorithm.Ed25519);
        backend.Dispose();
        backend.Dispose();

        Assert.Throws<ObjectDisposedException>(() => backend.Generate(KeyAlgorithm.Ed25519));
        Assert.Throws<ObjectDisposedException>(() => backend.Import(KeyAlgorithm.Ed25519, new byte[32]));
        Assert.Equal(2, Keys.TokenKeyTests.CountObjects(token));
    }

    /// <summary>Is in a session until it is let go, and then says in what state the session is.</summary>
    private ulong Hold(TokenConnection connection) => connection.Do(0, (functions, session, _) =>
    {
        _begun.Set();
        Wait(_released);
        return (ulong)functions.C_GetSessionInfo(session).state.Value;
    });

    private static void Wait(ManualResetEventSlim signal) => Assert.True(signal.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
}
