using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>HPKE.</content>
public abstract partial class KeystoreContract
{
    private const int HpkeOverhead = 48;

    private static readonly HpkeOptions s_bound = new() { Info = "the info"u8.ToArray(), AssociatedData = "the associated data"u8.ToArray() };

    /// <summary>The columns of the row "decapsulate, unwrap" of the table of states.</summary>
    public static TheoryData<KeyCondition> Conditions { get; } = [.. StateTable.Columns];

    [Fact]
    public void What_is_sealed_to_a_public_key_opens_in_either_form()
    {
        KeyId key = Keystore.Create("acme", "p", Known("x25519"));
        KmsPublicKey publicKey = Keystore.GetPublicKey(key);
        foreach (int length in new[] { 0, 1, 16, 1000, 1 << 20 })
        {
            byte[] plaintext = new byte[length];
            plaintext.AsSpan().Fill(0x5A);
            byte[] ciphertext = publicKey.HpkeSeal(plaintext, s_bound);
            byte[] destination = new byte[length];

            using SecretBytes opened = Keystore.HpkeOpen(key, ciphertext, s_bound);

            Assert.Equal(length + HpkeOverhead, ciphertext.Length);
            Assert.Equal(plaintext, opened.Reveal());
            Assert.Equal(length, Keystore.HpkeOpen(key, ciphertext, destination, s_bound));
            Assert.Equal(plaintext, destination);
        }
    }

    [Theory]
    [MemberData(nameof(Conditions))]
    public void An_HPKE_ciphertext_opens_where_the_table_of_states_lets_a_key_decapsulate(KeyCondition condition)
    {
        using TriedKey key = TriedKey.In(Keystore, Time, Known("x25519"), condition);
        byte[] ciphertext = Keystore.GetPublicKey(key.Id).HpkeSeal("m"u8);

        if (StateTable.Refusal(KeyAction.Decapsulate, condition) is { } refusal)
        {
            byte[] destination = [0xEE, 0xEE];
            Refused(refusal, () => Keystore.HpkeOpen(key.Id, ciphertext));
            Refused(refusal, () => Keystore.HpkeOpen(key.Id, ciphertext, destination));
            Assert.Equal([0, 0], destination);
        }
        else
        {
            using SecretBytes opened = Keystore.HpkeOpen(key.Id, ciphertext);
            Assert.Equal("m"u8, opened.Reveal());
        }
    }

    [Fact]
    public void An_HPKE_ciphertext_opens_with_the_version_it_was_sealed_to_alone()
    {
        KeyId first = Keystore.Create("acme", "p", Known("x25519"));
        byte[] ciphertext = Keystore.GetPublicKey(first).HpkeSeal("m"u8);
        KeyId second = Keystore.Rotate(first);
        KeyId other = Keystore.Create("acme", "p", KeyAlgorithm.X25519);

        Keystore.HpkeOpen(first, ciphertext).Dispose();
        Refused(KmsError.DecryptionFailed, () => Keystore.HpkeOpen(second, ciphertext));
        Refused(KmsError.DecryptionFailed, () => Keystore.HpkeOpen(other, ciphertext));
    }

    [Fact]
    public void An_HPKE_ciphertext_is_opened_by_a_named_version()
    {
        KeyId key = Keystore.Create("acme", "p", Known("x25519"));
        byte[] ciphertext = Keystore.GetPublicKey(key).HpkeSeal("m"u8);

        Assert.Equal("key", Assert.Throws<ArgumentException>(() => Keystore.HpkeOpen(key.Latest, ciphertext)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => Keystore.HpkeOpen(key.Latest, ciphertext, new byte[1])).ParamName);
    }

    [Fact]
    public void An_HPKE_ciphertext_is_bound_to_info_associated_data_and_cipher()
    {
        KeyId key = Keystore.Create("acme", "p", Known("x25519"));
        byte[] ciphertext = Keystore.GetPublicKey(key).HpkeSeal("m"u8, s_bound);

        foreach (HpkeOptions? options in new HpkeOptions?[]
        {
            null,
            new() { Info = s_bound.AssociatedData, AssociatedData = s_bound.Info },
            new() { Info = s_bound.Info },
            new() { AssociatedData = s_bound.AssociatedData },
            new() { Info = new byte[100_000], AssociatedData = s_bound.AssociatedData },
            new() { Info = s_bound.Info, AssociatedData = s_bound.AssociatedData, Aead = HpkeAead.ChaCha20Poly1305 },
        })
        {
            Refused(KmsError.DecryptionFailed, () => Keystore.HpkeOpen(key, ciphertext, options));
        }
    }

    [Fact]
    public void A_changed_or_cut_HPKE_ciphertext_does_not_open_and_all_fail_alike()
    {
        KeyId key = Keystore.Create("acme", "p", Known("x25519"));
        byte[] ciphertext = Keystore.GetPublicKey(key).HpkeSeal("plaintext"u8);
        List<byte[]> wrong = [[], ciphertext[1..], [.. ciphertext, 0], new byte[ciphertext.Length]];
        wrong.AddRange(new[] { 1, 31, 32, 33, 47, 48, 49, ciphertext.Length - 1 }.Select(length => ciphertext[..length]));
        for (int i = 0; i < ciphertext.Length; i++)
        {
            byte[] changed = [.. ciphertext];

            // The highest bit of an X25519 point is not a part of it, but HPKE binds it all the same.
            changed[i] ^= (byte)(i == 31 ? 0x80 : 1 << (i % 8));
            wrong.Add(changed);
        }

        byte[] destination = new byte[ciphertext.Length];
        string[] messages = [.. wrong.Select(changed => Failure(() => Keystore.HpkeOpen(key, changed)))];
        Assert.Single(messages.Distinct());
        foreach (byte[] changed in wrong)
        {
            destination.AsSpan().Fill(0xEE);
            Assert.Equal(messages[0], Failure(() => Keystore.HpkeOpen(key, changed, destination)));
            Assert.Equal(-1, destination.AsSpan().IndexOfAnyExcept((byte)0));
        }

        static string Failure(Action call)
        {
            KmsException failure = Assert.Throws<KmsException>(call);
            Assert.Equal(KmsError.DecryptionFailed, failure.Error);
            Assert.Null(failure.InnerException);
            return failure.Message;
        }
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("aes256gcm")]
    [InlineData("hmacsha256")]
    public void A_key_of_another_use_opens_no_HPKE_ciphertext(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));

        Assert.Equal("key", Assert.Throws<ArgumentException>(() => Keystore.HpkeOpen(key, new byte[100])).ParamName);
    }

    [Fact]
    public void An_HPKE_destination_is_large_enough_and_apart_and_the_cipher_known()
    {
        KeyId key = Keystore.Create("acme", "p", Known("x25519"));
        byte[] ciphertext = Keystore.GetPublicKey(key).HpkeSeal("plaintext"u8);
        byte[] buffer = [.. ciphertext, .. new byte[20]];

        Assert.Equal("destination", Assert.Throws<ArgumentException>(() => Keystore.HpkeOpen(key, ciphertext, new byte[8])).ParamName);
        Assert.Equal("destination", Assert.Throws<ArgumentException>(() => Keystore.HpkeOpen(key, buffer.AsSpan(0, ciphertext.Length), buffer.AsSpan(ciphertext.Length - 1))).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Keystore.HpkeOpen(key, ciphertext, new HpkeOptions { Aead = (HpkeAead)1 }));
        Assert.Throws<ArgumentNullException>(() => Keystore.HpkeOpen(null!, ciphertext));
        Assert.Equal(9, Keystore.HpkeOpen(key, ciphertext, buffer.AsSpan()));
    }
}
