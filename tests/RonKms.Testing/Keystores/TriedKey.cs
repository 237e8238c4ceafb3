using Xunit;

namespace RonKms.Testing.Keystores;

/// <summary>A key with what it made while it was current, so that every row of the table of states can be tried on it later.</summary>
public sealed class TriedKey : IDisposable
{
    /// <summary>How long the key lives, where it is to expire.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private static readonly byte[] s_message = "the message"u8.ToArray();
    private static readonly byte[] s_associatedData = "the associated data"u8.ToArray();

    private readonly IKeystore _keystore;
    private readonly byte[] _made;
    private readonly byte[]? _publicKey;
    private readonly Encapsulation? _encapsulation;

    /// <summary>Makes a key and lets it work.</summary>
    /// <param name="keystore">Where.</param>
    /// <param name="algorithm">Its algorithm.</param>
    /// <param name="options">What it is given.</param>
    public TriedKey(IKeystore keystore, KeyAlgorithm algorithm, KeyCreationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(keystore);
        ArgumentNullException.ThrowIfNull(algorithm);
        _keystore = keystore;
        Id = keystore.Create("acme", "tried", algorithm, options);
        _publicKey = algorithm.IsAsymmetric ? keystore.GetPublicKey(Id).Raw.ToArray() : null;
        switch (algorithm.Use)
        {
            case KeyUse.Sign:
                _made = keystore.Sign(Id, s_message);
                break;
            case KeyUse.Mac:
                _made = keystore.ComputeMac(Id, s_message, out _);
                break;
            case KeyUse.Wrap:
                _made = keystore.Wrap(Id, s_message, s_associatedData);
                break;
            default:
                _encapsulation = keystore.Encapsulate(Id, out _);
                _made = _encapsulation.Ciphertext.ToArray();
                break;
        }
    }

    /// <summary>The version that was made.</summary>
    public KeyId Id { get; }

    /// <summary>Brings a new key into a condition.</summary>
    /// <param name="keystore">Where.</param>
    /// <param name="time">The keystore's clock.</param>
    /// <param name="algorithm">The key's algorithm.</param>
    /// <param name="condition">The condition.</param>
    /// <returns>The key.</returns>
    public static TriedKey In(IKeystore keystore, ManualTimeProvider time, KeyAlgorithm algorithm, KeyCondition condition)
    {
        ArgumentNullException.ThrowIfNull(time);
        KeyCreationOptions? options = condition == KeyCondition.Expired ? new() { NotAfter = time.GetUtcNow() + Lifetime } : null;
        TriedKey key = new(keystore, algorithm, options);
        switch (condition)
        {
            case KeyCondition.Current:
                break;
            case KeyCondition.Expired:
                time.Advance(Lifetime);
                break;
            case KeyCondition.Older:
                keystore.Rotate(key.Id);
                break;
            case KeyCondition.Disabled:
                keystore.Disable(key.Id);
                break;
            case KeyCondition.Destroyed:
                keystore.Destroy(key.Id);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(condition));
        }

        return key;
    }

    /// <summary>Tries a row of the table, and checks the answer where there is one.</summary>
    /// <param name="action">The row.</param>
    public void Try(KeyAction action)
    {
        switch (action)
        {
            case KeyAction.Sign:
                Assert.True(_keystore.Verify(Id, s_message, _keystore.Sign(Id, s_message)));
                break;
            case KeyAction.ComputeMac:
                Assert.Equal(_made, _keystore.ComputeMac(Id, s_message, out KeyId computedBy));
                Assert.Equal(Id, computedBy);
                break;
            case KeyAction.Wrap:
                Assert.Equal(s_message, Opened(_keystore.Wrap(Id, s_message, s_associatedData)));
                break;
            case KeyAction.Encapsulate:
                TryEncapsulate();
                break;
            case KeyAction.Verify:
                Assert.True(_keystore.Verify(Id, s_message, _made));
                Assert.False(_keystore.Verify(Id, "another message"u8, _made));
                break;
            case KeyAction.GetPublicKey:
                Assert.Equal(_publicKey, _keystore.GetPublicKey(Id).Raw.ToArray());
                break;
            case KeyAction.Decapsulate:
                using (SecretBytes secret = _keystore.Decapsulate(Id, _made))
                {
                    Assert.Equal(_encapsulation!.SharedSecret.Reveal(), secret.Reveal());
                }

                break;
            case KeyAction.Unwrap:
                Assert.Equal(s_message, Opened(_made));
                break;
            case KeyAction.VerifyMac:
                Assert.True(_keystore.VerifyMac(Id, s_message, _made));
                Assert.False(_keystore.VerifyMac(Id, "another message"u8, _made));
                break;
            case KeyAction.Rotate:
                Assert.Equal(Id.Version + 1, _keystore.Rotate(Id).Version);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(action));
        }
    }

    /// <summary>Wipes what the key made.</summary>
    public void Dispose() => _encapsulation?.Dispose();

    private void TryEncapsulate()
    {
        using Encapsulation fresh = _keystore.Encapsulate(Id, out KeyId encapsulatedTo);
        using SecretBytes secret = _keystore.Decapsulate(encapsulatedTo, fresh.Ciphertext.Span);
        Assert.Equal(Id, encapsulatedTo);
        Assert.Equal(fresh.SharedSecret.Reveal(), secret.Reveal());
    }

    private byte[] Opened(byte[] envelope)
    {
        using SecretBytes plaintext = _keystore.Unwrap(Id, envelope, s_associatedData);
        return plaintext.Reveal().ToArray();
    }
}
