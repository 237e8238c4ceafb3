using System.Security.Cryptography;
using System.Text;
using RonKms.Algorithms;

namespace RonKms.Tests.Keystores;

/// <summary>The first links of capabilities: from their own key, over their own ids, and from nothing else.</summary>
public sealed class CapabilityRootTests : IDisposable
{
    private readonly RecordingGuard _guard = new();
    private readonly Keystore _keystore;

    public CapabilityRootTests()
    {
        _keystore = Keystore.InMemory(new KeystoreOptions { Guards = { _guard } });
    }

    public void Dispose() => _keystore.Dispose();

    [Fact]
    public void A_root_is_the_code_of_the_ids_text_under_the_capability_key()
    {
        byte[] secret = SHA256.HashData("a key"u8);
        using SpyBackend backend = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Backend = backend });
        keystore.CreateCapabilityKey();
        backend.Instead = new HmacSha256Algorithm().Open(secret);

        using SecretBytes begun = keystore.BeginCapability(out CapabilityId id);
        using SecretBytes again = keystore.ComputeCapabilityRoot(id);

        Assert.Matches("^ronkms/ronkms\\.capability/hmacsha256/[0-9a-f-]{36}#v1:[0-9a-f]{32}$", id.ToString());
        Assert.Equal(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(id.ToString())), begun.Reveal().ToArray());
        Assert.True(begun.Reveal().SequenceEqual(again.Reveal()));
    }

    [Fact]
    public void Where_the_code_cannot_be_computed_there_is_no_root()
    {
        using SpyBackend backend = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Backend = backend });
        KeyId key = keystore.CreateCapabilityKey();
        backend.Instead = new FailingMac();

        Refused(KmsError.TokenUnavailable, () => keystore.BeginCapability(out _));
        Refused(KmsError.TokenUnavailable, () => keystore.ComputeCapabilityRoot(new CapabilityId(key, Guid.NewGuid())));
    }

    [Fact]
    public void Each_capability_has_an_id_of_its_own()
    {
        _keystore.CreateCapabilityKey();

        _keystore.BeginCapability(out CapabilityId one).Dispose();
        _keystore.BeginCapability(out CapabilityId other).Dispose();

        Assert.Equal(one.Key, other.Key);
        Assert.NotEqual(one.Serial, other.Serial);
    }

    [Fact]
    public void Without_a_key_nothing_begins() => Refused(KmsError.NoSuchKey, () => _keystore.BeginCapability(out _));

    [Fact]
    public void A_rotation_begins_with_the_new_version_and_keeps_the_old_one()
    {
        KeyId first = _keystore.CreateCapabilityKey();
        using SecretBytes before = _keystore.BeginCapability(out CapabilityId old);
        KeyId second = _keystore.CreateCapabilityKey();

        _keystore.BeginCapability(out CapabilityId id).Dispose();
        using SecretBytes after = _keystore.ComputeCapabilityRoot(old);

        Assert.Equal(first.Latest, second.Latest);
        Assert.Equal(2u, id.Key.Version);
        Assert.True(before.Reveal().SequenceEqual(after.Reveal()));
    }

    [Fact]
    public void A_version_that_is_disabled_or_destroyed_gives_nothing()
    {
        KeyId key = _keystore.CreateCapabilityKey();
        _keystore.BeginCapability(out CapabilityId id).Dispose();

        _keystore.Disable(key);
        Refused(KmsError.KeyDisabled, () => _keystore.ComputeCapabilityRoot(id));
        Refused(KmsError.NoSuchKey, () => _keystore.BeginCapability(out _));

        _keystore.Destroy(key);
        Refused(KmsError.KeyDestroyed, () => _keystore.ComputeCapabilityRoot(id));
    }

    [Fact]
    public void No_general_operation_takes_the_key()
    {
        KeyId key = _keystore.CreateCapabilityKey();

        Refused(KmsError.Denied, () => _keystore.ComputeMac(key, "m"u8, out _));
        Refused(KmsError.Denied, () => _keystore.ComputeMac(key.Latest, "m"u8, new byte[32], out _));
        Refused(KmsError.Denied, () => _keystore.VerifyMac(key, "m"u8, new byte[32]));
        Assert.Throws<ArgumentException>(() => _keystore.Create("ronkms", "ronkms.capability", KeyAlgorithm.HmacSha256));
        Assert.Throws<ArgumentException>(() => _keystore.Import("ronkms", "ronkms.capability", KeyAlgorithm.HmacSha256, new byte[32]));
    }

    [Fact]
    public void No_other_key_gives_a_root()
    {
        KeyId general = _keystore.Create("ronkms", "capability", KeyAlgorithm.HmacSha256);
        KeyId attester = _keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
        string serial = ":" + new string('0', 32);

        Assert.False(CapabilityId.TryParse(general + serial, out _));
        Assert.False(CapabilityId.TryParse(attester + serial, out _));

        // The same UUID under the right names is another key.
        Assert.True(CapabilityId.TryParse($"ronkms/ronkms.capability/hmacsha256/{general.Uuid}#v1{serial}", out CapabilityId? forged));
        Refused(KmsError.NoSuchKey, () => _keystore.ComputeCapabilityRoot(forged));
    }

    [Fact]
    public void An_id_has_one_text()
    {
        _keystore.CreateCapabilityKey();
        _keystore.BeginCapability(out CapabilityId id).Dispose();
        string text = id.ToString();

        Assert.True(CapabilityId.TryParse(text, out CapabilityId? read));
        Assert.Equal(id.Key, read.Key);
        Assert.Equal(id.Serial, read.Serial);
        Assert.Equal(text, read.ToString());
        foreach (string other in new[]
        {
            "", ":", text + "0", text[1..], text[..^1], " " + text, text + " ", text.ToUpperInvariant(), text[..^1] + "G",
            text.Replace("hmacsha256", "HMACSHA256", StringComparison.Ordinal), text.Replace("#v1", "#v01", StringComparison.Ordinal),
            text.Replace("#v1", "#latest", StringComparison.Ordinal), text.Replace("ronkms.capability", "ronkms.attest", StringComparison.Ordinal),
            text.Replace("hmacsha256", "ed25519", StringComparison.Ordinal), text.Replace(":", "", StringComparison.Ordinal),
        })
        {
            Assert.False(CapabilityId.TryParse(other, out _), other);
        }
    }

    [Fact]
    public void Guards_see_both_as_codes_of_the_key_and_stop_them()
    {
        KeyId key = _keystore.CreateCapabilityKey();
        IKeystore view = _keystore.ForCaller("issuer", "request 7");

        view.BeginCapability(out CapabilityId id).Dispose();
        view.ComputeCapabilityRoot(id).Dispose();

        Assert.Equal(
            [new KmsOperation(KmsOperationKind.Mac, key, "issuer", "request 7"), new KmsOperation(KmsOperationKind.Mac, key, "issuer", "request 7")],
            _guard.Begun.Skip(1));

        _guard.OnBefore = _ => throw new KmsException(KmsError.Denied, "Stopped by the test.");
        Refused(KmsError.Denied, () => _keystore.BeginCapability(out _));
        Refused(KmsError.Denied, () => _keystore.ComputeCapabilityRoot(id));
    }

    private static void Refused(KmsError error, Func<object?> call) => Assert.Equal(error, Assert.Throws<KmsException>(call).Error);

    private sealed class FailingMac() : MacKey(new HmacSha256Algorithm())
    {
        protected override void ComputeCore(ReadOnlySpan<byte> data, Span<byte> destination) => throw new KmsException(KmsError.TokenUnavailable, "the token was unplugged");

        protected override void Wipe()
        {
        }
    }
}
