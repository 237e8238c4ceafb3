using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>What every authenticated cipher must do.</summary>
public abstract class AeadAlgorithmContract : AlgorithmContract
{
    private static readonly byte[] s_nonce = [.. Enumerable.Range(0, AeadAlgorithm.NonceSize).Select(i => (byte)i)];
    private static readonly byte[] s_plaintext = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
    private static readonly byte[] s_associatedData = [1, 2, 3];

    /// <summary>Creates the suite for an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="catalog">Where its implementation is.</param>
    protected AeadAlgorithmContract(KeyAlgorithm id, AlgorithmCatalog catalog)
        : base(id, catalog)
    {
    }

    /// <summary>The implementation.</summary>
    protected AeadAlgorithm Algorithm => (AeadAlgorithm)Base;

    [Fact]
    public void WhatIsEncryptedDecrypts()
    {
        using AeadKey key = OpenNew();
        foreach (int length in new[] { 0, 1, 15, 16, 17, 1000, 100_000 })
        {
            byte[] plaintext = new byte[length];
            plaintext.AsSpan().Fill(7);
            byte[] ciphertext = new byte[length];
            byte[] opened = new byte[length];
            byte[] tag = new byte[AeadAlgorithm.TagSize];
            key.Encrypt(s_nonce, plaintext, ciphertext, tag, s_associatedData);
            Assert.True(key.TryDecrypt(s_nonce, ciphertext, tag, opened, s_associatedData));
            Assert.Equal(plaintext, opened);
            Assert.True(length < 16 || !plaintext.AsSpan().SequenceEqual(ciphertext));
        }
    }

    [Fact]
    public void EncryptsAndDecryptsInPlace()
    {
        using AeadKey key = OpenNew();
        byte[] buffer = [.. s_plaintext];
        byte[] tag = new byte[AeadAlgorithm.TagSize];
        key.Encrypt(s_nonce, buffer, buffer, tag, []);
        Assert.NotEqual(s_plaintext, buffer);
        Assert.True(key.TryDecrypt(s_nonce, buffer, tag, buffer, []));
        Assert.Equal(s_plaintext, buffer);
    }

    [Fact]
    public void AnyChangeIsFoundAndLeavesZeros()
    {
        using AeadKey key = OpenNew();
        using AeadKey other = OpenNew();
        (byte[] ciphertext, byte[] tag) = Encrypt(key);
        AssertDoesNotOpen(other, s_nonce, ciphertext, tag, s_associatedData);
        AssertDoesNotOpen(key, s_nonce, ciphertext, tag, []);
        AssertDoesNotOpen(key, s_nonce, ciphertext[1..], tag, s_associatedData);
        AssertDoesNotOpen(key, s_nonce, [], tag, s_associatedData);
        Assert.All(FlippedBits(s_nonce), n => AssertDoesNotOpen(key, n, ciphertext, tag, s_associatedData));
        Assert.All(FlippedBits(ciphertext), c => AssertDoesNotOpen(key, s_nonce, c, tag, s_associatedData));
        Assert.All(FlippedBits(tag), t => AssertDoesNotOpen(key, s_nonce, ciphertext, t, s_associatedData));
        Assert.All(FlippedBits(s_associatedData), a => AssertDoesNotOpen(key, s_nonce, ciphertext, tag, a));
    }

    [Fact]
    public void BufferOfAnotherSizeIsAnArgumentError()
    {
        using AeadKey key = OpenNew();
        byte[] tag = new byte[AeadAlgorithm.TagSize];
        byte[] room = new byte[s_plaintext.Length];
        Assert.Throws<ArgumentException>(() => key.Encrypt(s_nonce.AsSpan()[1..], s_plaintext, room, tag, []));
        Assert.Throws<ArgumentException>(() => key.Encrypt(s_nonce, s_plaintext, room.AsSpan()[1..], tag, []));
        Assert.Throws<ArgumentException>(() => key.Encrypt(s_nonce, s_plaintext, room, tag.AsSpan()[1..], []));
        Assert.Throws<ArgumentException>(() => key.TryDecrypt(new byte[12], s_plaintext, tag, room, []));
        Assert.Throws<ArgumentException>(() => key.TryDecrypt(s_nonce, s_plaintext, tag, room.AsSpan()[1..], []));
        Assert.Throws<ArgumentException>(() => key.TryDecrypt(s_nonce, s_plaintext, tag.AsSpan()[4..], room, []));
    }

    [Fact]
    public void BuffersThatOverlapInPartAreRefusedAndNothingIsWritten()
    {
        using AeadKey key = OpenNew();
        byte[] tag = new byte[AeadAlgorithm.TagSize];
        byte[] both = new byte[100];
        foreach (int start in new[] { 1, 19, 21, 39 })
        {
            Assert.Throws<ArgumentException>(() => key.Encrypt(s_nonce, both.AsSpan(20, 20), both.AsSpan(start, 20), tag, []));
            Assert.Throws<ArgumentException>(() => key.TryDecrypt(s_nonce, both.AsSpan(20, 20), tag, both.AsSpan(start, 20), []));
        }

        Assert.Equal(new byte[both.Length], both);
    }

    [Fact]
    public void KeyOpenedTwiceDecryptsTheSame()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        using AeadKey one = Algorithm.Open(secret.Reveal());
        using AeadKey two = Algorithm.Open(secret.Reveal());
        secret.Reveal().Clear();
        (byte[] ciphertext, byte[] tag) = Encrypt(one);
        Check(two, ciphertext, tag);
    }

    [Fact]
    public void ManyThreadsUseTheKeyAtOnce()
    {
        using AeadKey key = OpenNew();
        (byte[] ciphertext, byte[] tag) = Encrypt(key);
        UseAtOnce(key, k => Check(k, ciphertext, tag));
    }

    [Fact]
    public void DisposalDuringUseNeverFaults()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        using AeadKey first = Algorithm.Open(secret.Reveal());
        (byte[] ciphertext, byte[] tag) = Encrypt(first);
        DisposeWhileInUse(() => Algorithm.Open(secret.Reveal()), key => Check(key, ciphertext, tag));
    }

    [Fact]
    public void DisposedKeyDoesNotEncrypt()
    {
        AeadKey key = OpenNew();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Encrypt(key));
    }

    private static (byte[] Ciphertext, byte[] Tag) Encrypt(AeadKey key)
    {
        byte[] ciphertext = new byte[s_plaintext.Length];
        byte[] tag = new byte[AeadAlgorithm.TagSize];
        key.Encrypt(s_nonce, s_plaintext, ciphertext, tag, s_associatedData);
        return (ciphertext, tag);
    }

    private static void Check(AeadKey key, byte[] ciphertext, byte[] tag)
    {
        byte[] opened = new byte[ciphertext.Length];
        Assert.True(key.TryDecrypt(s_nonce, ciphertext, tag, opened, s_associatedData));
        Assert.Equal(s_plaintext, opened);
    }

    private static void AssertDoesNotOpen(AeadKey key, byte[] nonce, byte[] ciphertext, byte[] tag, byte[] associatedData)
    {
        byte[] opened = new byte[ciphertext.Length];
        opened.AsSpan().Fill(0xA5);
        Assert.False(key.TryDecrypt(nonce, ciphertext, tag, opened, associatedData));
        Assert.Equal(new byte[ciphertext.Length], opened);
    }

    private AeadKey OpenNew()
    {
        using SecretBytes secret = Algorithm.GenerateSecret();
        return Algorithm.Open(secret.Reveal());
    }
}
