using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>Signatures, codes and shared secrets.</content>
public abstract partial class KeystoreContract
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_batch_gives_the_verdicts_of_single_verification(int maxParallelism)
    {
        VerifyItem[] items = MixedItems();
        bool[] single = [.. items.Select(item => Keystore.Verify(item.Key, item.Message.Span, item.Signature.Span, item.Options))];
        bool[] results = [.. single.Select(good => !good)];

        Keystore.VerifyBatch(items, results, maxParallelism);

        Assert.Equal(single, results);
        Assert.Contains(true, single);
        Assert.Contains(false, single);
    }

    [Fact]
    public void An_empty_batch_is_verified() => Keystore.VerifyBatch(Array.Empty<VerifyItem>(), Array.Empty<bool>());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_with_an_item_that_cannot_be_verified_gives_no_verdict(int maxParallelism)
    {
        VerifyItem[] good = MixedItems();
        KeyId unknown = Changed(good[0].Key, "uuid", "");
        KeyId kem = Keystore.Create("acme", "p", KeyAlgorithm.X25519);

        NoVerdict<KmsException>(good[0] with { Key = unknown });
        NoVerdict<ArgumentException>(good[0] with { Key = good[0].Key.Latest });
        NoVerdict<ArgumentException>(good[0] with { Key = kem });
        NoVerdict<ArgumentException>(good[0] with { Options = new SignOptions { Context = new byte[1] } });
        NoVerdict<ArgumentNullException>(default);

        void NoVerdict<T>(VerifyItem bad)
            where T : Exception
        {
            for (int at = 0; at <= good.Length; at += good.Length / 2)
            {
                VerifyItem[] items = [.. good[..at], bad, .. good[at..]];
                bool[] results = [.. items.Select(_ => true)];
                Assert.ThrowsAny<T>(() => Keystore.VerifyBatch(items, results, maxParallelism));
                Assert.DoesNotContain(true, results);
            }
        }
    }

    [Fact]
    public void A_batch_needs_as_many_results_as_items_and_a_thread()
    {
        VerifyItem[] items = MixedItems();

        Assert.Throws<ArgumentException>(() => Keystore.VerifyBatch(items, new bool[items.Length - 1]));
        Assert.Throws<ArgumentException>(() => Keystore.VerifyBatch(items, new bool[items.Length + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Keystore.VerifyBatch(items, new bool[items.Length], 0));
    }

    [Fact]
    public void Every_form_of_signing_gives_a_good_signature()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.P256);
        byte[] destination = new byte[100];
        destination.AsSpan().Fill(0xEE);

        int size = Keystore.Sign(key.Latest, "m"u8, destination, out KeyId signedBy);

        Assert.True(Keystore.Verify(key, "m"u8, Keystore.Sign(key, "m"u8)));
        Assert.True(Keystore.Verify(key, "m"u8, Keystore.Sign(key.Latest, "m"u8, out _)));
        Assert.True(Keystore.Verify(signedBy, "m"u8, destination.AsSpan(0, size)));
        Assert.True(Keystore.GetPublicKey(key).Verify("m"u8, destination.AsSpan(0, size)));
        Assert.Equal(key, signedBy);
        Assert.Equal(-1, destination.AsSpan(size).IndexOfAnyExcept((byte)0xEE));
    }

    [Fact]
    public void Signature_options_are_the_same_on_both_sides()
    {
        KeyId p256 = Keystore.Create("acme", "p", KeyAlgorithm.P256);
        KeyId rsa = Keystore.ImportPkcs8("acme", "p", KeyAlgorithm.Rsa2048, s_rsaPkcs8.Value);
        SignOptions der = new() { EcdsaEncoding = EcdsaEncoding.Der };
        SignOptions pkcs1 = new() { RsaPadding = RsaPadding.Pkcs1 };

        byte[] inDer = Keystore.Sign(p256, "m"u8, der);
        byte[] inPkcs1 = Keystore.Sign(rsa, "m"u8, pkcs1);

        Assert.Equal(0x30, inDer[0]);
        Assert.True(Keystore.Verify(p256, "m"u8, inDer, der));
        Assert.False(Keystore.Verify(p256, "m"u8, inDer));
        Assert.True(Keystore.Verify(rsa, "m"u8, inPkcs1, pkcs1));
        Assert.False(Keystore.Verify(rsa, "m"u8, inPkcs1));
    }

    [Fact]
    public void An_option_that_the_algorithm_does_not_have_is_refused_on_both_sides()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        byte[] signature = Keystore.Sign(key, "m"u8);
        foreach (SignOptions options in new SignOptions[]
        {
            new() { Context = new byte[1] }, new() { EcdsaEncoding = EcdsaEncoding.Der }, new() { RsaPadding = RsaPadding.Pkcs1 },
        })
        {
            Assert.Throws<ArgumentException>(() => Keystore.Sign(key, "m"u8, options));
            Assert.Throws<ArgumentException>(() => Keystore.Sign(key, "m"u8, new byte[64], out _, options));
            Assert.Throws<ArgumentException>(() => Keystore.Verify(key, "m"u8, signature, options));
            Assert.Throws<ArgumentException>(() => Keystore.GetPublicKey(key).Verify("m"u8, signature, options));
        }
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("p256")]
    public void A_malformed_signature_is_not_good_and_no_exception(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        foreach (int length in new[] { 0, 1, 63, 64, 65, 10_000 })
        {
            Assert.False(Keystore.Verify(key, "m"u8, new byte[length]));
        }
    }

    [Theory]
    [MemberData(nameof(FamilyNames))]
    public void A_key_does_only_what_its_algorithm_does(string algorithm)
    {
        KeyId key = Keystore.Create("acme", "p", Known(algorithm));
        KeyUse use = key.Algorithm.Use;

        OnlyFor(KeyUse.Sign, () => Keystore.Sign(key, "m"u8));
        OnlyFor(KeyUse.Sign, () => Keystore.Verify(key, "m"u8, new byte[64]));
        OnlyFor(KeyUse.Mac, () => Keystore.ComputeMac(key, "m"u8, out _));
        OnlyFor(KeyUse.Mac, () => Keystore.VerifyMac(key, "m"u8, new byte[32]));
        OnlyFor(KeyUse.Encapsulate, () => Keystore.Encapsulate(key, out _).Dispose());
        OnlyFor(KeyUse.Encapsulate, () => Keystore.Decapsulate(key, Convert.FromHexString("0900000000000000000000000000000000000000000000000000000000000000")).Dispose());
        OnlyFor(KeyUse.Wrap, () => Keystore.Wrap(key, "m"u8));
        if (use != KeyUse.Wrap)
        {
            Assert.Throws<ArgumentException>(() => Keystore.Unwrap(key, new byte[100]));
            Assert.Throws<ArgumentException>(() => Keystore.Rewrap(key, new byte[100]));
        }

        if (!key.Algorithm.IsAsymmetric)
        {
            Assert.Throws<ArgumentException>(() => Keystore.GetPublicKey(key));
        }

        void OnlyFor(KeyUse needed, Action call)
        {
            if (use == needed)
            {
                call();
            }
            else
            {
                Assert.Throws<ArgumentException>(call);
            }
        }
    }

    [Fact]
    public void A_code_into_a_buffer_is_the_same_code()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        byte[] destination = new byte[40];

        Assert.Equal(32, Keystore.ComputeMac(key.Latest, "m"u8, destination, out KeyId computedBy));

        Assert.Equal(key, computedBy);
        Assert.Equal(Keystore.ComputeMac(key, "m"u8, out _), destination[..32]);
        Assert.False(Keystore.VerifyMac(key, "m"u8, destination));
        Assert.False(Keystore.VerifyMac(key, "m"u8, destination.AsSpan(0, 31)));
        Assert.False(Keystore.VerifyMac(key, "m"u8, []));
        Assert.Throws<ArgumentException>(() => Keystore.ComputeMac(key, "m"u8, new byte[31], out _));
    }

    [Fact]
    public void Both_forms_of_encapsulation_give_the_secret_that_both_forms_of_decapsulation_recover()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.X25519);
        byte[] ciphertext = new byte[32];
        byte[] shared = new byte[32];
        byte[] recovered = new byte[32];

        Keystore.Encapsulate(key.Latest, ciphertext, shared, out KeyId encapsulatedTo);
        Keystore.Decapsulate(encapsulatedTo, ciphertext, recovered);
        using SecretBytes again = Keystore.Decapsulate(key, ciphertext);

        Assert.Equal(key, encapsulatedTo);
        Assert.Equal(shared, recovered);
        Assert.Equal(shared, again.Reveal());
        Assert.NotEqual(new byte[32], shared);
    }

    [Fact]
    public void A_ciphertext_that_does_not_open_leaves_zeros()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.X25519);
        byte[] shared = new byte[32];
        foreach (byte[] bad in new[] { new byte[32], [], new byte[31], new byte[33] })
        {
            shared.AsSpan().Fill(0xEE);
            Refused(KmsError.DecryptionFailed, () => Keystore.Decapsulate(key, bad, shared));
            Assert.Equal(new byte[32], shared);
        }

        Assert.Throws<ArgumentException>(() => Keystore.Decapsulate(key, new byte[32], new byte[31]));
        Assert.Throws<ArgumentException>(() => Keystore.Encapsulate(key, new byte[33], new byte[32], out _));
        Assert.Throws<ArgumentException>(() => Keystore.Encapsulate(key, new byte[32], new byte[33], out _));
    }

    [Fact]
    public void A_refused_operation_zeroes_its_destination()
    {
        KeyId signing = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId mac = Keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
        KeyId kem = Keystore.Create("acme", "p", KeyAlgorithm.X25519);
        KeyId wrapping = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        foreach (KeyId key in new[] { signing, mac, kem, wrapping })
        {
            Keystore.Disable(key);
        }

        Zeroed(70, destination => Keystore.Sign(signing, "m"u8, destination, out _));
        Zeroed(40, destination => Keystore.ComputeMac(mac, "m"u8, destination, out _));
        Zeroed(64, destination => Keystore.Encapsulate(kem, destination.AsSpan(0, 32), destination.AsSpan(32), out _));
        Zeroed(32, destination => Keystore.Decapsulate(kem, new byte[32], destination));
        Zeroed(70, destination => Keystore.Wrap(wrapping, "m"u8, default, destination));

        static void Zeroed(int size, Action<byte[]> call)
        {
            byte[] destination = new byte[size];
            destination.AsSpan().Fill(0xEE);
            Refused(KmsError.KeyDisabled, () => call(destination));
            Assert.Equal(new byte[size], destination);
        }
    }

    [Fact]
    public void Buffers_that_what_is_read_lies_in_are_refused_before_anything_is_written()
    {
        KeyId signing = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId kem = Keystore.Create("acme", "p", KeyAlgorithm.X25519);
        byte[] both = new byte[100];

        Assert.Throws<ArgumentException>(() => Keystore.Sign(signing, both, both.AsSpan(0, 64), out _));
        Assert.Throws<ArgumentException>(() => Keystore.Sign(signing, both.AsSpan(0, 10), both.AsSpan(9), out _));
        Assert.Throws<ArgumentException>(() => Keystore.Encapsulate(kem, both.AsSpan(0, 32), both.AsSpan(31, 32), out _));
        Assert.Throws<ArgumentException>(() => Keystore.GetPublicKey(kem).Encapsulate(both.AsSpan(0, 32), both.AsSpan(0, 32)));
        Assert.Throws<ArgumentException>(() => Keystore.Decapsulate(kem, both.AsSpan(0, 32), both.AsSpan(16, 32)));
        Assert.Equal(new byte[both.Length], both);
    }

    [Fact]
    public void A_buffer_given_in_the_place_of_associated_data_is_associated_data()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] buffer = new byte[100];

        byte[] envelope = Keystore.Wrap(key, "m"u8, buffer);

        Assert.Equal(new byte[buffer.Length], buffer);
        Refused(KmsError.DecryptionFailed, () => Keystore.Unwrap(key, envelope));
        Keystore.Unwrap(key, envelope, buffer).Dispose();
    }

    private VerifyItem[] MixedItems()
    {
        KeyId ed25519 = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId p256 = Keystore.Create("acme", "p", KeyAlgorithm.P256);
        KeyId rsa = Keystore.Create("acme", "p", KeyAlgorithm.Rsa2048);
        KeyId gone = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        SignOptions der = new() { EcdsaEncoding = EcdsaEncoding.Der };
        SignOptions pkcs1 = new() { RsaPadding = RsaPadding.Pkcs1 };
        byte[] message = "m"u8.ToArray();
        byte[] other = "n"u8.ToArray();
        byte[] byGone = Keystore.Sign(gone, message);
        Keystore.Destroy(gone);
        VerifyItem[] kinds =
        [
            new(ed25519, message, Keystore.Sign(ed25519, message)),
            new(ed25519, other, Keystore.Sign(ed25519, message)),
            new(ed25519, message, Array.Empty<byte>()),
            new(ed25519, message, new byte[1000]),
            new(p256, message, Keystore.Sign(p256, message)),
            new(p256, message, Keystore.Sign(p256, message, der), der),
            new(p256, message, Keystore.Sign(p256, message, der)),
            new(rsa, message, Keystore.Sign(rsa, message)),
            new(rsa, message, Keystore.Sign(rsa, message, pkcs1), pkcs1),
            new(rsa, other, Keystore.Sign(rsa, message, pkcs1), pkcs1),
            new(gone, message, byGone),
            new(ed25519, message, byGone),
        ];
        return [.. Enumerable.Repeat(kinds, 8).SelectMany(kind => kind)];
    }
}
