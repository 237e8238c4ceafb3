using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>Envelopes.</content>
public abstract partial class KeystoreContract
{
    private const int EnvelopeOverhead = 61;
    private const int NonceOffset = 21;
    private const int NonceSize = 24;

    /// <summary>The algorithms that wrap.</summary>
    public static TheoryData<string> Wrapping { get; } = ["aes256gcm", "chacha20poly1305"];

    [Theory]
    [MemberData(nameof(Wrapping))]
    public void An_envelope_is_61_bytes_longer_and_opens_again(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        foreach (int length in new[] { 0, 1, 15, 16, 17, 1000, 1 << 20 })
        {
            byte[] plaintext = new byte[length];
            plaintext.AsSpan().Fill(0x5A);

            byte[] envelope = Keystore.Wrap(key, plaintext, "ad"u8);
            using SecretBytes opened = Keystore.Unwrap(key, envelope, "ad"u8);

            Assert.Equal(length + EnvelopeOverhead, envelope.Length);
            Assert.Equal(plaintext, opened.Reveal());
        }
    }

    [Theory]
    [MemberData(nameof(Wrapping))]
    public void An_envelope_that_differs_in_one_bit_does_not_open(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        byte[] envelope = Keystore.Wrap(key, "plaintext"u8, "ad"u8);
        for (int i = 0; i < envelope.Length; i++)
        {
            byte[] bad = [.. envelope];
            bad[i] ^= (byte)(1 << (i % 8));
            Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, bad, "ad"u8));
        }
    }

    [Theory]
    [MemberData(nameof(Wrapping))]
    public void An_envelope_that_is_cut_short_or_longer_does_not_open(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        byte[] envelope = Keystore.Wrap(key, "plaintext"u8);
        for (int length = 0; length < envelope.Length; length++)
        {
            Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope.AsSpan(0, length)));
            Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope.AsSpan(0, length), default, new byte[100]));
        }

        Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, [.. envelope, 0]));
    }

    [Theory]
    [MemberData(nameof(Wrapping))]
    public void Associated_data_binds_whatever_its_length(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        foreach (int length in new[] { 0, 1, 471, 472, 473, 5 << 20 })
        {
            byte[] associatedData = new byte[length];
            byte[] envelope = Keystore.Wrap(key, "plaintext"u8, associatedData);

            Keystore.Unwrap(key, envelope, associatedData).Dispose();
            Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope, [.. associatedData, 0]));
            if (length > 0)
            {
                associatedData[^1] ^= 1;
                Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope, associatedData));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Wrapping))]
    public void Every_envelope_has_a_nonce_of_24_random_bytes(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        byte[][] nonces = [.. Enumerable.Range(0, 64).Select(_ => Keystore.Wrap(key, "m"u8)[NonceOffset..(NonceOffset + NonceSize)])];

        // Random bits take both values, and between one nonce and the next about half of the 192 change: of a counter fewer would.
        Assert.All(Enumerable.Range(0, 8 * NonceSize), bit => Assert.Equal(2, nonces.Select(nonce => nonce[bit / 8] >> (bit % 8) & 1).Distinct().Count()));
        Assert.All(nonces.Zip(nonces[1..]), pair => Assert.InRange(pair.First.Zip(pair.Second, (a, b) => int.PopCount(a ^ b)).Sum(), 40, 152));
    }

    [Fact]
    public void An_envelope_of_another_key_does_not_open()
    {
        KeyId mine = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        KeyId others = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = Keystore.Wrap(others, "m"u8);

        Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(mine, envelope));
        Refused(KmsError.DecryptionFailed, () => Keystore.Rewrap(mine, envelope));
    }

    [Fact]
    public void An_envelope_names_the_version_that_opens_it()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] old = Keystore.Wrap(first, "old"u8);
        KeyId second = Keystore.Rotate(first);
        byte[] current = Keystore.Wrap(second, "new"u8);

        foreach (KeyId name in new[] { first, second, first.Latest })
        {
            Assert.Equal("old"u8, Opened(name, old));
            Assert.Equal("new"u8, Opened(name, current));
        }

        Keystore.Destroy(first);
        Refused(KmsError.KeyDestroyed, () => Keystore.Unwrap(second, old));
        Assert.Equal("new"u8, Opened(first, current));
    }

    [Fact]
    public void Rewrap_moves_an_envelope_to_the_latest_version()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] old = Keystore.Wrap(first, "plaintext"u8, "ad"u8);
        KeyId second = Keystore.Rotate(first);

        byte[] moved = Keystore.Rewrap(first, old, "ad"u8);
        Keystore.Destroy(first);

        using SecretBytes opened = Keystore.Unwrap(second, moved, "ad"u8);
        Assert.Equal("plaintext"u8, opened.Reveal());
        Refused(KmsError.DecryptionFailed, () => Keystore.Rewrap(first, moved, "other"u8));
        Refused(KmsError.KeyDestroyed, () => Keystore.Rewrap(second, old, "ad"u8));
    }

    [Fact]
    public void Rewrap_needs_both_versions_in_use()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] old = Keystore.Wrap(first, "plaintext"u8);
        KeyId second = Keystore.Rotate(first);

        Keystore.Disable(second);
        Refused(KmsError.KeyDisabled, () => Keystore.Rewrap(first, old));
        Keystore.Enable(second);
        Keystore.Disable(first);
        Refused(KmsError.KeyDisabled, () => Keystore.Rewrap(first, old));
    }

    [Fact]
    public void Buffers_may_be_larger_and_what_is_beyond_stays_as_it_was()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = new byte[100];
        envelope.AsSpan().Fill(0xEE);
        byte[] plaintext = [.. envelope];

        int size = Keystore.Wrap(key, "plaintext"u8, default, envelope);
        int opened = Keystore.Unwrap(key, envelope.AsSpan(0, size), default, plaintext);

        Assert.Equal(9 + EnvelopeOverhead, size);
        Assert.Equal("plaintext"u8, plaintext.AsSpan(0, opened));
        Assert.Equal(-1, envelope.AsSpan(size).IndexOfAnyExcept((byte)0xEE));
        Assert.Equal(-1, plaintext.AsSpan(opened).IndexOfAnyExcept((byte)0xEE));
    }

    [Fact]
    public void Buffers_that_are_too_small_are_refused_before_anything_is_written()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = Keystore.Wrap(key, "plaintext"u8);
        byte[] small = [0xEE, 0xEE, 0xEE];

        Assert.Throws<ArgumentException>(() => Keystore.Wrap(key, "m"u8, default, small));
        Assert.Throws<ArgumentException>(() => Keystore.Unwrap(key, envelope, default, small));
        Assert.Equal([0xEE, 0xEE, 0xEE], small);
    }

    [Fact]
    public void Buffers_that_overlap_are_refused()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] both = new byte[200];
        byte[] before = [.. both];

        Assert.Throws<ArgumentException>(() => Keystore.Wrap(key, both.AsSpan(0, 50), default, both));
        Assert.Throws<ArgumentException>(() => Keystore.Wrap(key, both.AsSpan(110, 50), default, both.AsSpan(0, 111)));
        Assert.Throws<ArgumentException>(() => Keystore.Wrap(key, "m"u8, both.AsSpan(10, 5), both.AsSpan(0, 62)));
        Assert.Throws<ArgumentException>(() => Keystore.Unwrap(key, both.AsSpan(0, 100), default, both.AsSpan(50)));
        Assert.Equal(before, both);
    }

    [Fact]
    public void A_failed_unwrap_leaves_zeros()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = Keystore.Wrap(key, "plaintext"u8);
        byte[] destination = new byte[20];

        destination.AsSpan().Fill(0xEE);
        Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope, "other"u8, destination));
        Assert.Equal(new byte[20], destination);

        Keystore.Disable(key);
        destination.AsSpan().Fill(0xEE);
        Refused(KmsError.KeyDisabled, () => Keystore.Unwrap(key, envelope, default, destination));
        Assert.Equal(new byte[20], destination);
    }

    private byte[] Opened(KeyId key, byte[] envelope)
    {
        using SecretBytes plaintext = Keystore.Unwrap(key, envelope);
        return plaintext.Reveal().ToArray();
    }
}
