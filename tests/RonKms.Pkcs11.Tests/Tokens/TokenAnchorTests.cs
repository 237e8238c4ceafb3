using System.Runtime.InteropServices;
using RonKms.Custody;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Keys;
using RonKms.Pkcs11.Tests.Modules;
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

    [Fact]
    public void An_anchor_that_is_damaged_or_there_twice_is_a_rollback()
    {
        Guid store = Guid.NewGuid();
        AnchorHead head = new(store, 1, new string('0', 64), new string('1', 64));
        Token.Anchor.TryAdvance(null, head);
        Token.Connection.Do(store, static (functions, session, id) =>
        {
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true)
                .Add(CK.CKA_LABEL, System.Text.Encoding.ASCII.GetBytes($"ronkms-anchor {id:D}")).Add(CK.CKA_VALUE, "{}"u8);
            return functions.C_CreateObject(session, template);
        });

        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Token.Anchor.Read(store)).Error);
        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Token.Anchor.TryAdvance(head, head with { Seq = 2 })).Error);
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
}
