using System.Text;
using Microsoft.Extensions.Logging;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

public sealed class LoggingTests : IDisposable
{
    private readonly CapturedLog _log = new();
    private readonly Keystore _keystore;
    private readonly UsedKeys _keys;

    public LoggingTests()
    {
        _keystore = Keystore.InMemory(new KeystoreOptions { LoggerFactory = _log });
        _keys = new UsedKeys(_keystore);
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose() => _keystore.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_life_of_a_key_is_logged_and_its_use_is_not(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);
        int before = _log.Entries.Count;

        call.Run(_keystore.ForCaller("bob", "request 7"), _keys);

        (LogLevel Level, string Name, string Text)[] entries = [.. _log.Entries.Skip(before)];
        if (call.Kinds[0] is KmsOperationKind.Sign or KmsOperationKind.Verify or KmsOperationKind.Mac or KmsOperationKind.Encap
            or KmsOperationKind.Decap or KmsOperationKind.Wrap or KmsOperationKind.Unwrap)
        {
            Assert.Empty(entries);
        }
        else
        {
            (LogLevel level, string message, string text) = Assert.Single(entries);
            Assert.Equal((LogLevel.Information, "LifeCycle"), (level, message));
            Assert.StartsWith(call.Kinds[0].ToString().ToLowerInvariant() + " ", text, StringComparison.Ordinal);
            Assert.Contains(" ok request 7", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_failure_is_logged_as_a_warning_with_its_kind()
    {
        Assert.Throws<KmsException>(() => _keystore.ForCaller("bob", "request 7").Unwrap(_keys.Wrapping, _keys.Envelope, "other"u8));

        (LogLevel level, string name, string text) = _log.Entries.Last();
        Assert.Equal((LogLevel.Warning, "Failure"), (level, name));
        Assert.StartsWith($"unwrap {_keys.Wrapping} aes256gcm DecryptionFailed request 7", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_names_the_key_that_was_asked_for_where_there_is_none()
    {
        KeyId unknown = KeyId.Parse("acme/p/ed25519/00000000-0000-4000-8000-000000000000#latest");
        Assert.Throws<KmsException>(() => _keystore.Sign(unknown, "m"u8, out _));

        Assert.StartsWith($"sign {unknown} ed25519 NoSuchKey - ", _log.Entries.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_logged_as_null()
    {
        _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Destroy(_keys.Spare);
        Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Spare, "m"u8));
        Assert.Throws<KmsException>(() => _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[1]));

        Assert.DoesNotContain("null", _log.Text, StringComparison.Ordinal);
        Assert.All(_log.Entries.Where(entry => entry.Name is "LifeCycle" or "Failure"), entry => Assert.DoesNotContain("CorrId= ", entry.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Opening_is_logged_with_place_and_assurance()
    {
        (LogLevel level, string name, string text) = _log.Entries.First(entry => entry.Name != "MemoryNotLocked");
        Assert.Equal((LogLevel.Information, "StoreOpened"), (level, name));
        Assert.StartsWith("Opened the store at memory:: 0 keys, assurance chain-only", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_logs_who_computes_which_algorithm()
    {
        string text = _log.Entries.Single(entry => entry.Name == "StoreOpened").Text;
        Assert.Contains("; algorithms of ", text, StringComparison.Ordinal);
        Assert.Contains("libsodium (ed25519, ", text, StringComparison.Ordinal);
        Assert.Contains("platform (p256, rsa2048, ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_open_puts_in_order_after_a_crash_is_logged()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        byte[] kek = new byte[32];
        string place = "file:" + directory["store"];
        using (Keystore keystore = Keystore.OpenOrCreate(place, KeyEncryptionKey.FromBytes(kek)))
        {
            keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        }

        File.AppendAllText(directory["store", "g1", "journal.jsonl"], "{\"torn\":");
        using Keystore reopened = Keystore.Open(place, KeyEncryptionKey.FromBytes(kek), new KeystoreOptions { LoggerFactory = _log });

        (LogLevel level, string name, string text) = Assert.Single(_log.Entries, entry => entry.Name == "StoreSettled");
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("8 bytes of an unfinished write and 0 records", text, StringComparison.Ordinal);
        Assert.Contains(_log.Entries, entry => entry.Text.Contains("1 keys, assurance chain-only", StringComparison.Ordinal) && entry.Name == "StoreOpened");
        Assert.Equal("StoreOpened", _log.Entries.Last().Name);
    }

    [Fact]
    public void Neither_logs_nor_exceptions_hold_secrets_plaintexts_or_what_was_made_of_them()
    {
        byte[] plaintext = [.. Enumerable.Range(100, 40).Select(i => (byte)i)];
        List<string> texts = [];
        _keystore.Import("acme", "p", KeyAlgorithm.Ed25519, UsedKeys.Secret);
        Failing(() => _keystore.Import("acme", "q", KeyAlgorithm.Ed25519, UsedKeys.Secret));
        Failing(() => _keystore.Import("acme", "q", KeyAlgorithm.Ed25519, UsedKeys.Secret.AsSpan(0, 31)));
        Failing(() => _keystore.Import("acme", "q", KeyAlgorithm.Rsa2048, UsedKeys.Secret));
        Failing(() => _keystore.ImportPkcs8("acme", "q", KeyAlgorithm.P256, UsedKeys.Pkcs8));
        byte[] envelope = _keystore.Wrap(_keys.Wrapping, plaintext);
        Failing(() => _keystore.Unwrap(_keys.Wrapping, envelope, plaintext));
        Failing(() => _keystore.Unwrap(_keys.Wrapping, envelope, default, new byte[3]));
        Failing(() => _keystore.Wrap(_keys.Wrapping, plaintext, default, new byte[3]));
        Failing(() => _keystore.Decapsulate(_keys.Kem, new byte[32]));
        Failing(() => _keystore.Sign(_keys.Signing, plaintext, new SignOptions { Context = UsedKeys.Secret }));
        Failing(() => _keystore.Create("acme", "q", KeyAlgorithm.Ed25519, new() { NotAfter = DateTimeOffset.UnixEpoch }));
        Assert.Equal(10, texts.Count);
        texts.Add(_log.Text);
        string all = string.Join('\n', texts);

        // Of an envelope, what follows the key's name, which is no secret.
        foreach (byte[] secret in new[] { UsedKeys.Secret, plaintext, envelope[21..], _keys.Signature, _keys.Code, _keys.Ciphertext })
        {
            // Nine bytes from every place, the nonce's of an envelope among them.
            foreach (byte[] part in Enumerable.Range(0, secret.Length - 8).Select(at => secret[at..(at + 9)]))
            {
                Assert.DoesNotContain(Convert.ToHexString(part), all, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(Convert.ToBase64String(part), all, StringComparison.Ordinal);
                Assert.DoesNotContain(string.Join(", ", part), all, StringComparison.Ordinal);
                Assert.DoesNotContain(Encoding.Latin1.GetString(part), all, StringComparison.Ordinal);
            }
        }

        // The log tells no length either: 40 bytes were wrapped.
        Assert.DoesNotMatch($@"(?<![\w-])({plaintext.Length}|{envelope.Length})(?![\w-])", _log.Text);

        void Failing(Action call) => texts.Add(Assert.ThrowsAny<Exception>(call).ToString());
    }
}
