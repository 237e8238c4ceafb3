using System.Runtime.InteropServices;
using System.Text;
using RonKms.Custody;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Keys;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;
using RonKms.Testing;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>What every anchor does, in a token; and what is a token's alone.</summary>
public sealed class TokenAnchorTests : RollbackAnchorContract, IDisposable
{
    private readonly Lazy<Pkcs11Token> _token = new(() => SoftHsm.Open());
    private readonly ScratchDirectory _directory = new();

    private Pkcs11Token Token => _token.Value;

    public void Dispose()
    {
        if (_token.IsValueCreated)
        {
            Token.Dispose();
        }

        _directory.Dispose();
    }

    protected override IRollbackAnchor Open() => Token.Anchor;

    private Keystore Open(Func<string, KeyEncryptionKey, KeystoreOptions, Keystore> open) =>
        open(_directory.Store, KeyEncryptionKey.FromBytes(new byte[32]), new KeystoreOptions { Anchor = Token.Anchor });

    /// <summary>What the anchor's own object holds.</summary>
    private byte[] Value() => Token.Connection.Do(0, static (functions, session, _) =>
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_PRIVATE, true);
        byte[] value = new byte[1000];
        return value[..functions.C_GetAttributeValue(session, Assert.Single(TokenObject.Find(functions, session, template)), CK.CKA_VALUE, value)];
    });

    /// <summary>Puts another object of the name of the anchor's own beside it.</summary>
    private void Plant(byte[] value, bool isPrivate) => Token.Connection.Do((value, isPrivate), static (functions, session, planted) =>
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_PRIVATE, true);
        byte[] label = new byte[100];
        int size = functions.C_GetAttributeValue(session, Assert.Single(TokenObject.Find(functions, session, template)), CK.CKA_LABEL, label);
        using AttributeTemplate other = new(4096);
        other.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, planted.isPrivate).Add(CK.CKA_APPLICATION, "RonKms"u8)
            .Add(CK.CKA_LABEL, label.AsSpan(0, size)).Add(CK.CKA_VALUE, planted.value);
        return functions.C_CreateObject(session, other);
    });

    [Fact]
    public void A_store_that_was_put_back_is_refused_and_the_assurance_says_token()
    {
        byte[] kek = new byte[32];
        using (Keystore keystore = Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(kek), new KeystoreOptions { Anchor = Token.Anchor }))
        {
            Assert.Equal("anchored:token", keystore.CheckHealth().Assurance);
        }

        byte[] journal = File.ReadAllBytes(_directory["store/g1/journal.jsonl"]);
        using (Keystore keystore = Keystore.Open(_directory.Store, KeyEncryptionKey.FromBytes(kek), new KeystoreOptions { Anchor = Token.Anchor }))
        {
            SoftHsm.Module.CloseAllSessions(Token.Label);
            keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        }

        File.WriteAllBytes(_directory["store/g1/journal.jsonl"], journal);
        Assert.Equal(
            KmsError.Rollback,
            Assert.Throws<KmsException>(() => Keystore.Open(_directory.Store, KeyEncryptionKey.FromBytes(kek), new KeystoreOptions { Anchor = Token.Anchor })).Error);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("the same")]
    [InlineData("too long")]
    public void An_anchor_that_is_damaged_or_there_twice_is_a_rollback_until_a_restore_replaces_it(string what)
    {
        KeyId key;
        using (Keystore keystore = Open(Keystore.OpenOrCreate))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        }

        byte[] value = what == "the same" ? Value() : Encoding.ASCII.GetBytes(what == "{}" ? what : new string('x', 2000));
        Plant(value, isPrivate: true);

        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Open(Keystore.Open)).Error);
        using (Keystore keystore = Open(Keystore.RestoreInPlace))
        {
            Assert.Equal(KeyState.Disabled, keystore.Get(key).State);
        }

        Assert.Equal(1, TokenKeyTests.CountObjects(Token));
        Open(Keystore.Open).Dispose();
    }

    [Fact]
    public void A_writer_whose_anchor_is_damaged_under_it_writes_no_more()
    {
        using Keystore keystore = Open(Keystore.OpenOrCreate);
        Plant("{}"u8.ToArray(), isPrivate: true);

        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.HmacSha256)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.HmacSha256)).Error);
    }

    [Fact]
    public void An_object_that_somebody_put_there_without_the_pin_is_no_anchor()
    {
        using (Keystore keystore = Open(Keystore.OpenOrCreate))
        {
            keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        }

        Plant("{}"u8.ToArray(), isPrivate: false);
        Plant(Value(), isPrivate: false);

        using (Keystore keystore = Open(Keystore.Open))
        {
            keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        }
    }

    [Fact]
    public void A_step_that_was_cut_short_leaves_two_objects_and_the_newer_one_counts()
    {
        Guid store = Guid.NewGuid();
        AnchorHead[] heads = [.. Enumerable.Range(1, 3).Select(seq => new AnchorHead(store, seq, new string('0', 64), new string('1', 64)))];
        Token.Anchor.TryAdvance(null, heads[0]);
        using (TokenKeyTests.FailingToDestroy())
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => Token.Anchor.TryAdvance(heads[0], heads[1])).Error);
        }

        Assert.Equal(heads[1], Token.Anchor.Read(store));
        Assert.False(Token.Anchor.TryAdvance(heads[0], heads[2]));
        Assert.True(Token.Anchor.TryAdvance(heads[1], heads[2]));
        Assert.Equal(heads[2], Token.Anchor.Read(store));
        Assert.Equal(1, TokenKeyTests.CountObjects(Token));
    }

    [Fact]
    public void A_token_that_logged_us_out_does_not_make_the_anchor_unknown()
    {
        Guid store = Guid.NewGuid();
        AnchorHead head = new(store, 1, new string('0', 64), new string('1', 64));
        Token.Anchor.TryAdvance(null, head);
        CULong session = SoftHsm.Module.Functions.C_OpenSession(SoftHsm.Module.SlotOf(Token.Label));
        SoftHsm.Module.Functions.C_Logout(session);
        SoftHsm.Module.Functions.C_CloseSession(session);

        Assert.Equal(head, Token.Anchor.Read(store));
    }

    [Fact]
    public void An_anchor_in_a_token_that_is_away_is_not_taken_for_one_that_is_not_there()
    {
        Guid store = Guid.NewGuid();
        AnchorHead head = new(store, 1, new string('0', 64), new string('1', 64));
        Token.Anchor.TryAdvance(null, head);
        string aside = SoftHsm.TokenDirectory + "-aside";
        Directory.Move(SoftHsm.TokenDirectory, aside);
        try
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => Token.Anchor.Read(store)).Error);
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => Token.Anchor.TryAdvance(head, head with { Seq = 2 })).Error);
        }
        finally
        {
            SoftHsm.Module.FinalizeModule();
            Directory.Move(aside, SoftHsm.TokenDirectory);
            SoftHsm.Module.Initialize();
        }

        Assert.Equal(head, Token.Anchor.Read(store));
    }

    [Fact]
    public void A_step_that_does_not_come_back_holds_up_no_other_token_and_its_own_not_for_ever()
    {
        using Pkcs11Token other = SoftHsm.Open();
        AnchorHead head = new(Guid.NewGuid(), 1, new string('0', 64), new string('1', 64));
        IRollbackAnchor anchor = Token.Anchor;
        TimeSpan patience = TokenConnection.Patience;
        Thread slow = new(() => anchor.TryAdvance(null, head));
        using StoppedCall stopped = new(RawModule.CreateObject, slow);
        try
        {
            slow.Start();
            stopped.WaitUntilBegun();
            Assert.True(other.Anchor.TryAdvance(null, head));

            TokenConnection.Patience = TimeSpan.FromMilliseconds(50);
            Assert.Equal(KmsError.Busy, Assert.Throws<KmsException>(() => anchor.TryAdvance(null, head with { StoreId = Guid.NewGuid() })).Error);
        }
        finally
        {
            TokenConnection.Patience = patience;
        }
    }
}
