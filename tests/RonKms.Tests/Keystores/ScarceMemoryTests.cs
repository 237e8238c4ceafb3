using RonKms.Memory;

namespace RonKms.Tests.Keystores;

/// <summary>Guarded memory is taken only once an operation is allowed, however large what the caller gave is.</summary>
[Collection(ProcessWide.Name)]
public sealed class ScarceMemoryTests
{
    private const int Large = 64 << 20;

    [Fact]
    public void An_envelope_takes_none_before_its_key_its_state_and_the_guards_allow_it()
    {
        CapturedLog log = new();
        RecordingGuard guard = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { LoggerFactory = log, Guards = { guard } });
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.ChaCha20Poly1305);
        KeyId disabled = keystore.Create("acme", "p", KeyAlgorithm.ChaCha20Poly1305);
        byte[] envelope = [.. keystore.Wrap(key, "m"u8), .. new byte[Large]];
        byte[] ofDisabled = [.. keystore.Wrap(disabled, "m"u8), .. new byte[Large]];
        keystore.Disable(disabled);
        long before = Held();
        long most = before;
        log.OnLog = () => most = Math.Max(most, Held());
        guard.OnBefore = _ =>
        {
            most = Math.Max(most, Held());
            throw new KmsException(KmsError.Denied, "Denied for the test.");
        };

        Refused(KmsError.Denied, () => keystore.Unwrap(key, envelope));
        Refused(KmsError.Denied, () => keystore.Rewrap(key, envelope));
        Refused(KmsError.KeyDisabled, () => keystore.Unwrap(disabled, ofDisabled));
        Refused(KmsError.DecryptionFailed, () => keystore.Unwrap(key, ofDisabled));
        Refused(KmsError.NoSuchKey, () => keystore.Unwrap(KeyId.Parse("acme/p/chacha20poly1305/00000000-0000-4000-8000-000000000000#v1"), envelope));

        Assert.InRange(most - before, 0, Large / 2);
    }

    [Fact]
    public void An_import_takes_none_beyond_what_a_key_of_the_algorithm_can_need()
    {
        CapturedLog log = new();
        RecordingGuard guard = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { LoggerFactory = log, Guards = { guard } });
        byte[] large = new byte[Large];
        long before = Held();
        long most = before;
        log.OnLog = () => most = Math.Max(most, Held());
        guard.OnBefore = _ => most = Math.Max(most, Held());

        foreach (KeyAlgorithm algorithm in new[] { KeyAlgorithm.HmacSha256, KeyAlgorithm.Rsa2048, KeyAlgorithm.P256 })
        {
            Refused(KmsError.ImportRefused, () => keystore.Import("acme", "p", algorithm, large));
            Refused(KmsError.ImportRefused, () => keystore.ImportPkcs8("acme", "p", algorithm, large));
        }

        Assert.InRange(most - before, 0, Large / 2);
    }

    private static void Refused(KmsError error, Action call) => Assert.Equal(error, Assert.Throws<KmsException>(call).Error);

    // Locked or not: a large block is one or the other.
    private static long Held() => SecretHeap.Shared.UnlockedBytes + (GuardedMemory.ReadLockedBytes() ?? 0);
}
