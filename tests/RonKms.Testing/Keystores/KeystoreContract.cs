using Xunit;

namespace RonKms.Testing.Keystores;

/// <summary>What every keystore does, whatever keeps its keys and wherever they act. Derive, and say how an empty one is opened.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, sections 3, 5 and 8.</remarks>
public abstract partial class KeystoreContract : IDisposable
{
    private readonly Lazy<Keystore> _keystore;

    /// <summary>Prepares a test.</summary>
    protected KeystoreContract()
    {
        Time = new ManualTimeProvider();
        _keystore = new Lazy<Keystore>(() => OpenEmpty(new KeystoreOptions { TimeProvider = Time }));
    }

    /// <summary>One algorithm or more of every family.</summary>
    public static IReadOnlyList<KeyAlgorithm> Families { get; } =
    [
        KeyAlgorithm.Ed25519, KeyAlgorithm.P256, KeyAlgorithm.Rsa2048, KeyAlgorithm.X25519,
        KeyAlgorithm.Aes256Gcm, KeyAlgorithm.ChaCha20Poly1305, KeyAlgorithm.HmacSha256,
    ];

    /// <summary>Every cell of the table of states.</summary>
    public static TheoryData<string, KeyAction, KeyCondition> Cells { get; } = StateTable.Cells(Families);

    /// <summary>The names of <see cref="Families"/>.</summary>
    public static TheoryData<string> FamilyNames { get; } = [.. Families.Select(algorithm => algorithm.Name)];

    /// <summary>The keystore's clock.</summary>
    protected ManualTimeProvider Time { get; }

    /// <summary>The keystore, opened when it is first asked for.</summary>
    protected Keystore Keystore => _keystore.Value;

    /// <summary>Disposes the keystore, and in derived classes what it lay in.</summary>
    public virtual void Dispose()
    {
        if (_keystore.IsValueCreated)
        {
            _keystore.Value.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_table_of_states_holds(string algorithm, KeyAction action, KeyCondition condition)
    {
        using TriedKey key = TriedKey.In(Keystore, Time, Known(algorithm), condition);

        if (StateTable.Refusal(action, condition) is { } refusal)
        {
            Assert.Equal(refusal, Assert.Throws<KmsException>(() => key.Try(action)).Error);
        }
        else
        {
            key.Try(action);
        }
    }

    /// <summary>Opens a keystore with no key in it.</summary>
    /// <param name="options">What it is opened with.</param>
    /// <returns>The keystore; the contract disposes it.</returns>
    protected abstract Keystore OpenEmpty(KeystoreOptions options);

    /// <summary>Whether keys of an algorithm can be made; tests of others are skipped.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <returns>Whether they can.</returns>
    protected virtual bool Supports(KeyAlgorithm algorithm) => true;

    /// <summary>Checks that a call is refused for the reason given.</summary>
    /// <param name="error">The reason.</param>
    /// <param name="call">The call.</param>
    protected static void Refused(KmsError error, Action call) => Assert.Equal(error, Assert.Throws<KmsException>(call).Error);

    private KeyAlgorithm Known(string name)
    {
        KeyAlgorithm algorithm = KeyAlgorithm.FindByName(name)!;
        Assert.SkipUnless(Supports(algorithm), $"{name} keys cannot be made here.");
        return algorithm;
    }
}
