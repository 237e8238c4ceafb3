using System.Collections.Concurrent;
using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>What every algorithm must do, whoever brings it.</summary>
public abstract class AlgorithmContract
{
    // Generating a key can take a second (RSA, the small variants of SLH-DSA), so a suite's tests share two.
    private static readonly ConcurrentDictionary<(KeyAlgorithm, int), Lazy<byte[]>> s_secrets = new();

    /// <summary>Creates the suite for an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="catalog">Where its implementation is.</param>
    protected AlgorithmContract(KeyAlgorithm id, AlgorithmCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Base = catalog.Find(id);
    }

    /// <summary>The implementation.</summary>
    protected Algorithm Base { get; }

    /// <summary>How many threads use a key at once; fewer where an operation is slow.</summary>
    protected virtual int Threads => 4;

    /// <summary>How often what could go well by chance is repeated; less where an operation is slow.</summary>
    protected virtual int Rounds => 8;

    [Fact]
    public void GeneratedSecretHasTheSizeOfTheFormat()
    {
        using SecretBytes secret = TakeSecret();
        if (Base.Id.SecretSize != 0)
        {
            Assert.Equal(Base.Id.SecretSize, secret.Length);
        }

        Assert.InRange(secret.Length, 1, Base.MaxSecretSize);
        Assert.NotEqual(-1, secret.Reveal().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void GeneratedSecretsDiffer()
    {
        using SecretBytes one = TakeSecret();
        using SecretBytes other = TakeSecret(index: 1);
        Assert.False(one.Reveal().SequenceEqual(other.Reveal()));
    }

    [Fact]
    public void GeneratedSecretHasAPublicKeyThatIsValidAndAlwaysTheSame()
    {
        using SecretBytes secret = TakeSecret();
        byte[] publicKey = PublicKeyOf(secret);
        Assert.Equal(Base.Id.IsAsymmetric, Base.IsValidPublicKey(publicKey));
        Assert.Equal(publicKey, PublicKeyOf(secret));
    }

    [Fact]
    public void PublicKeyIsThatOfItsSecretAlone()
    {
        using SecretBytes secret = TakeSecret();
        using SecretBytes other = TakeSecret(index: 1);
        byte[] publicKey = PublicKeyOf(secret);
        Assert.True(Base.IsPublicKeyOf(secret.Reveal(), publicKey));
        Assert.Equal(!Base.Id.IsAsymmetric, Base.IsPublicKeyOf(other.Reveal(), publicKey));
        Assert.False(Base.IsPublicKeyOf(secret.Reveal()[1..], publicKey));
        Assert.False(Base.IsPublicKeyOf(secret.Reveal(), [.. publicKey, 0]));
        Assert.All(FlippedBits(publicKey).Take(4), p => Assert.False(Base.IsPublicKeyOf(secret.Reveal(), p)));
    }

    [Fact]
    public void SecretOfAnotherLengthIsRefusedAndLeavesZeros()
    {
        using SecretBytes secret = TakeSecret();
        byte[] longer = [.. secret.Reveal(), 0];
        byte[] publicKey = new byte[Base.Id.PublicKeySize];
        foreach (byte[] wrong in new[] { [], longer[..^2], longer, new byte[Base.MaxSecretSize + 1] })
        {
            publicKey.AsSpan().Fill(0xA5);
            Assert.False(Base.TryGetPublicKey(wrong, publicKey));
            Assert.Equal(-1, publicKey.AsSpan().IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void PublicKeyBufferOfAnotherSizeIsAnArgumentError()
    {
        using SecretBytes secret = TakeSecret();
        Assert.Throws<ArgumentException>(() => Base.TryGetPublicKey(secret.Reveal(), new byte[Base.Id.PublicKeySize + 1]));
    }

    [Fact]
    public void PublicKeyOfAnotherLengthIsNotValid()
    {
        using SecretBytes secret = TakeSecret();
        byte[] publicKey = PublicKeyOf(secret);
        Assert.False(Base.IsValidPublicKey([.. publicKey, 0]));
        Assert.False(Base.IsValidPublicKey([]));
        Assert.False(publicKey.Length > 0 && Base.IsValidPublicKey(publicKey.AsSpan()[1..]));
    }

    [Fact]
    public void ImportOfWhatIsNotPkcs8GivesNothing()
    {
        Assert.Null(Base.ImportPkcs8([]));
        Assert.Null(Base.ImportPkcs8([0x30, 0x80, 0x00, 0x00]));
        Assert.Null(Base.ImportPkcs8([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]));
        using SecretBytes secret = TakeSecret();
        Assert.Null(Base.ImportPkcs8(secret.Reveal()[1..]));
    }

    [Fact]
    public void ProviderIsNamed() => Assert.NotEmpty(Base.Provider);

    /// <summary>One of the suite's secrets, the same in every test.</summary>
    /// <param name="index">Which one.</param>
    /// <returns>A copy; the caller disposes it.</returns>
    protected SecretBytes TakeSecret(int index = 0) => SecretBytes.CopyOf(s_secrets.GetOrAdd((Base.Id, index), _ => new(() =>
    {
        using SecretBytes secret = Base.GenerateSecret();
        return secret.Reveal().ToArray();
    })).Value);

    /// <summary>The public key of a secret that must be well-formed.</summary>
    /// <param name="secret">The secret.</param>
    /// <returns>The raw public key.</returns>
    protected byte[] PublicKeyOf(SecretBytes secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        byte[] publicKey = new byte[Base.Id.PublicKeySize];
        Assert.True(Base.TryGetPublicKey(secret.Reveal(), publicKey));
        return publicKey;
    }

    /// <summary>Uses keys on several threads while they are disposed: every use ends well or says that the key is gone.</summary>
    /// <typeparam name="TKey">The kind of key.</typeparam>
    /// <param name="open">Opens a key.</param>
    /// <param name="use">Uses it once and checks the result.</param>
    protected void DisposeWhileInUse<TKey>(Func<TKey> open, Action<TKey> use)
        where TKey : OpenedKey
    {
        ArgumentNullException.ThrowIfNull(open);
        for (int round = 0; round < Rounds; round++)
        {
            TKey key = open();
            using CountdownEvent underWay = new(Threads);
            Exception?[] failures = new Exception?[Threads];
            Thread[] threads = new Thread[Threads];
            for (int i = 0; i < Threads; i++)
            {
                int index = i;
                threads[i] = new Thread(() => failures[index] = UseUntilDisposed(key, use, underWay));
                threads[i].Start();
            }

            underWay.Wait(TestContext.Current.CancellationToken);
            key.Dispose();
            foreach (Thread thread in threads)
            {
                thread.Join();
            }

            Assert.All(failures, Assert.Null);
            Assert.Throws<ObjectDisposedException>(() => use(key));
            key.Dispose();
        }
    }

    /// <summary>Uses one key on several threads at once.</summary>
    /// <typeparam name="TKey">The kind of key.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="use">Uses it once and checks the result.</param>
    protected void UseAtOnce<TKey>(TKey key, Action<TKey> use) =>
        Parallel.For(0, Threads * Rounds, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ => use(key));

    /// <summary>Buffers that differ from one in a single bit: at most 64, spread over its length.</summary>
    /// <param name="source">The buffer.</param>
    /// <returns>The changed copies.</returns>
    protected static IEnumerable<byte[]> FlippedBits(byte[] source)
    {
        ArgumentNullException.ThrowIfNull(source);
        int step = Math.Max(1, source.Length / 64);
        for (int i = 0; i < source.Length; i += step)
        {
            byte[] changed = [.. source];
            changed[i] ^= (byte)(1 << (i % 8));
            yield return changed;
        }
    }

    private static Exception? UseUntilDisposed<TKey>(TKey key, Action<TKey> use, CountdownEvent underWay)
        where TKey : OpenedKey
    {
        bool isCounted = false;
        try
        {
            while (true)
            {
                use(key);
                if (!isCounted)
                {
                    isCounted = true;
                    underWay.Signal();
                }
            }
        }
        catch (ObjectDisposedException) when (isCounted)
        {
            return null;
        }
#pragma warning disable CA1031 // A failure on another thread must reach the test, whatever it is.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!isCounted)
            {
                underWay.Signal();
            }

            return e;
        }
    }
}
