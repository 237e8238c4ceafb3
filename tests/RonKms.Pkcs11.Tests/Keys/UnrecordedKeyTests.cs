using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Keystores;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Keys that were made in the token and never came to be recorded: none of them stays there.</summary>
public sealed unsafe class UnrecordedKeyTests : IDisposable
{
    private static nint s_before;
    private static string? s_losing;

    private readonly ScratchDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Pkcs11Token _token = SoftHsm.Open();

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_key_goes_again_where_other_writers_are_always_first()
    {
        OvertakenStore store = new();
        using Keystore keystore = Open(store);
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);

        store.Conflicts = 8;
        Assert.Equal(KmsError.Busy, Assert.Throws<KmsException>(() => keystore.Rotate(key)).Error);

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        store.Conflicts = 1;
        keystore.Rotate(key);
        Assert.Equal(4, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_goes_again_where_it_may_not_be_recorded_any_more_after_another_writer()
    {
        OvertakenStore store = new() { Meanwhile = () => _time.Advance(TimeSpan.FromHours(2)) };
        using Keystore keystore = Open(store);
        store.Conflicts = 1;

        KeyCreationOptions options = new() { NotAfter = _time.GetUtcNow().AddHours(1) };
        Assert.Throws<ArgumentException>(() => keystore.Create("acme", "p", KeyAlgorithm.P256, options));

        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_that_cannot_be_taken_back_is_told()
    {
        OvertakenStore store = new();
        using Keystore keystore = Open(store);
        store.Conflicts = 8;
        using (TokenKeyTests.FailingToDestroy())
        {
            KmsException busy = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.P256));

            Assert.Equal(KmsError.Busy, busy.Error);
            Assert.Contains("left in its device", busy.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_whose_record_may_be_written_stays_and_after_that_none_is_made()
    {
        MemoryAnchor anchor = new();
        using Keystore keystore = Keystore.OpenOrCreate(
            _directory.Store, KeyEncryptionKey.FromBytes(new byte[32]), new KeystoreOptions { Anchor = anchor }.UsePkcs11(_token));
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        anchor.BeforeAdvance = () => throw new IOException("The anchor's disk is full.");

        Assert.Throws<IOException>(() => keystore.Rotate(key));
        Assert.Equal(4, TokenKeyTests.CountObjects(_token));

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keystore.Rotate(key)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keystore.Create("acme", "q", KeyAlgorithm.P256)).Error);
        Assert.Equal(4, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_is_there_once_where_the_session_was_lost_after_it_was_made()
    {
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
        s_before = SoftHsm.Module[RawModule.GenerateKeyPair];
        s_losing = _token.Label;
        using (SoftHsm.Module.Replace(
            RawModule.GenerateKeyPair, (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, nint, nint, CULong>)&GenerateAndLose))
        {
            KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
            Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
        }

        Assert.Null(s_losing);
        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
    }

    private Keystore Open(ISealedStore store) =>
        Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { TimeProvider = _time }.UsePkcs11(_token));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong GenerateAndLose(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, nint, nint, CULong>)s_before)(a, b, c, d, e, f, g, h);
        if (s_losing is { } label)
        {
            s_losing = null;
            SoftHsm.Module.CloseAllSessions(label);
        }

        return result;
    }
}
