using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>What every signature algorithm must do.</summary>
public abstract class SignatureAlgorithmContract : AlgorithmContract
{
    private static readonly byte[] s_message = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    /// <summary>Creates the suite for an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="catalog">Where its implementation is.</param>
    protected SignatureAlgorithmContract(KeyAlgorithm id, AlgorithmCatalog catalog)
        : base(id, catalog)
    {
    }

    /// <summary>The implementation.</summary>
    protected SignatureAlgorithm Algorithm => (SignatureAlgorithm)Base;

    /// <summary>The ECDSA encodings that the algorithm knows.</summary>
    protected virtual IReadOnlyList<EcdsaEncoding> EcdsaEncodings => [EcdsaEncoding.Fixed];

    /// <summary>The RSA paddings that the algorithm knows.</summary>
    protected virtual IReadOnlyList<RsaPadding> RsaPaddings => [RsaPadding.Pss];

    /// <summary>The hybrid policies that the algorithm knows.</summary>
    protected virtual IReadOnlyList<HybridPolicy> HybridPolicies => [HybridPolicy.Both];

    /// <summary>Whether a standard has a SubjectPublicKeyInfo of the algorithm's keys.</summary>
    protected virtual bool HasSubjectPublicKeyInfo => true;

    /// <summary>Whether a standard has a JSON Web Key of the algorithm's keys.</summary>
    protected virtual bool HasJwk => true;

    /// <summary>Whether two signatures of one message are the same bytes.</summary>
    protected virtual bool IsDeterministic => false;

    private IEnumerable<SignOptions> Variants =>
        from encoding in EcdsaEncodings
        from padding in RsaPaddings
        from context in Algorithm.HasContext ? [[], new byte[255]] : new byte[][] { [] }
        select new SignOptions { EcdsaEncoding = encoding, RsaPadding = padding, Context = context };

    [Fact]
    public void SignatureVerifies()
    {
        using Pair pair = new(this);
        foreach (int length in new[] { 0, 1, 63, 64, 65, 1000, 100_000 })
        {
            byte[] message = new byte[length];
            byte[] signature = pair.Sign(message);
            Assert.True(Algorithm.Verify(pair.PublicKey, message, signature), $"length {length}");
        }
    }

    [Fact]
    public void SignatureUnderEachVariantVerifiesUnderThatVariantAlone()
    {
        using Pair pair = new(this);
        SignOptions[] variants = [.. Variants];
        foreach (SignOptions made in variants)
        {
            byte[] signature = pair.Sign(s_message, made);
            Assert.InRange(signature.Length, 1, Algorithm.GetSignatureSize(made));
            foreach (SignOptions read in variants)
            {
                Assert.Equal(ReferenceEquals(made, read), Algorithm.Verify(pair.PublicKey, s_message, signature, read));
            }
        }
    }

    [Fact]
    public void NoOptionsAreTheDefaultOptions()
    {
        using Pair pair = new(this);
        Assert.True(Algorithm.Verify(pair.PublicKey, s_message, pair.Sign(s_message), new SignOptions()));
        Assert.True(Algorithm.Verify(pair.PublicKey, s_message, pair.Sign(s_message, new SignOptions())));
        Assert.Equal(Algorithm.GetSignatureSize(null), Algorithm.GetSignatureSize(new SignOptions()));
        Assert.InRange(Algorithm.GetSignatureSize(null), 1, Algorithm.MaxSignatureSize);
    }

    [Fact]
    public void SigningAgainGivesTheSameBytesWhereTheAlgorithmIsDeterministic()
    {
        using Pair pair = new(this);
        Assert.Equal(IsDeterministic, pair.Sign(s_message).AsSpan().SequenceEqual(pair.Sign(s_message)));
    }

    [Fact]
    public void OptionThatIsNotThisAlgorithmsIsAnArgumentError()
    {
        using Pair pair = new(this);
        List<SignOptions> foreign =
        [
            .. Enum.GetValues<EcdsaEncoding>().Append((EcdsaEncoding)99).Except(EcdsaEncodings).Select(e => new SignOptions { EcdsaEncoding = e }),
            .. Enum.GetValues<RsaPadding>().Append((RsaPadding)99).Except(RsaPaddings).Select(p => new SignOptions { RsaPadding = p }),
            .. Enum.GetValues<HybridPolicy>().Append((HybridPolicy)99).Except(HybridPolicies).Select(p => new SignOptions { HybridPolicy = p }),
            new SignOptions { Context = new byte[Algorithm.HasContext ? 256 : 1] },
        ];
        foreach (SignOptions options in foreign)
        {
            Assert.Throws<ArgumentException>(() => pair.Sign(s_message, options));
            Assert.Throws<ArgumentException>(() => Algorithm.Verify(pair.PublicKey, s_message, new byte[64], options));
        }
    }

    [Fact]
    public void ChangedSignatureMessageOrKeyDoesNotVerify()
    {
        using Pair pair = new(this);
        using Pair other = new(this, index: 1);
        byte[] signature = pair.Sign(s_message);
        Assert.False(Algorithm.Verify(other.PublicKey, s_message, signature));
        Assert.False(Algorithm.Verify(pair.PublicKey, s_message.AsSpan()[1..], signature));
        Assert.All(FlippedBits(signature), s => Assert.False(Algorithm.Verify(pair.PublicKey, s_message, s)));
        Assert.All(FlippedBits(s_message), m => Assert.False(Algorithm.Verify(pair.PublicKey, m, signature)));
        Assert.All(FlippedBits(pair.PublicKey), p => Assert.False(Algorithm.Verify(p, s_message, signature)));
    }

    [Fact]
    public void MalformedSignatureOrKeyIsFalseAndNotAnException()
    {
        using Pair pair = new(this);
        foreach (SignOptions options in Variants)
        {
            byte[] signature = pair.Sign(s_message, options);
            byte[] huge = new byte[Algorithm.MaxSignatureSize + 1];
            signature.CopyTo(huge, 0);
            byte[] ones = new byte[signature.Length];
            ones.AsSpan().Fill(0xFF);
            foreach (byte[] malformed in new[] { [], [0], signature[..^1], signature[1..], [.. signature, 0], huge, new byte[signature.Length], ones })
            {
                Assert.False(Algorithm.Verify(pair.PublicKey, s_message, malformed, options));
            }

            byte[] zeros = new byte[pair.PublicKey.Length];
            foreach (byte[] malformed in new[] { [], pair.PublicKey[..^1], [.. pair.PublicKey, 0], zeros })
            {
                Assert.False(Algorithm.Verify(malformed, s_message, signature, options));
            }
        }
    }

    [Fact]
    public void DestinationMayBeLargerAndMustNotBeSmaller()
    {
        using Pair pair = new(this);
        int size = Algorithm.GetSignatureSize(null);
        byte[] destination = new byte[size + 3];
        destination.AsSpan().Fill(0xA5);
        int written = pair.Key.Sign(s_message, destination);
        Assert.True(Algorithm.Verify(pair.PublicKey, s_message, destination.AsSpan(0, written)));
        Assert.Equal([0xA5, 0xA5, 0xA5], destination[^3..]);
        Assert.Throws<ArgumentException>(() => pair.Key.Sign(s_message, new byte[size - 1]));
    }

    [Fact]
    public void DestinationThatOverlapsTheMessageIsRefusedAndNothingIsWritten()
    {
        using Pair pair = new(this);
        int size = Algorithm.MaxSignatureSize;
        byte[] buffer = new byte[3 * size];
        foreach (int start in new[] { 1, size, (2 * size) - 1 })
        {
            Assert.Throws<ArgumentException>(() => pair.Key.Sign(buffer.AsSpan(size, size), buffer.AsSpan(start, size)));
        }

        Assert.Equal(new byte[buffer.Length], buffer);
        int written = pair.Key.Sign(buffer.AsSpan(size, size), buffer.AsSpan(0, size));
        Assert.True(Algorithm.Verify(pair.PublicKey, new byte[size], buffer.AsSpan(0, written)));
    }

    [Fact]
    public void EachVariantFitsTheSizeItStates()
    {
        using Pair pair = new(this);
        foreach (SignOptions options in Variants)
        {
            byte[] exact = new byte[Algorithm.GetSignatureSize(options)];
            for (int i = 0; i < Rounds; i++)
            {
                int written = pair.Key.Sign([(byte)i], exact, options);
                Assert.True(Algorithm.Verify(pair.PublicKey, [(byte)i], exact.AsSpan(0, written), options));
            }
        }
    }

    [Fact]
    public void KeyOpenedTwiceSignsTheSame()
    {
        using Pair pair = new(this);
        using SigningKey again = Algorithm.Open(pair.Secret.Reveal(), pair.PublicKey);
        byte[] signature = new byte[Algorithm.MaxSignatureSize];
        int written = again.Sign(s_message, signature);
        Assert.True(Algorithm.Verify(pair.PublicKey, s_message, signature.AsSpan(0, written)));
        Assert.Same(Algorithm, again.Algorithm);
    }

    [Fact]
    public void OpenedKeyOutlivesTheSecretItWasOpenedFrom()
    {
        using Pair pair = new(this);
        pair.Secret.Reveal().Clear();
        Assert.True(Algorithm.Verify(pair.PublicKey, s_message, pair.Sign(s_message)));
    }

    [Fact]
    public void ManyThreadsSignAtOnce()
    {
        using Pair pair = new(this);
        UseAtOnce(pair.Key, key => SignAndCheck(key, pair.PublicKey));
    }

    [Fact]
    public void DisposalDuringSigningNeverFaults()
    {
        using Pair pair = new(this);
        DisposeWhileInUse(
            () => Algorithm.Open(pair.Secret.Reveal(), pair.PublicKey),
            key => SignAndCheck(key, pair.PublicKey));
    }

    [Fact]
    public void SubjectPublicKeyInfoIsWellFormedOrRefused()
    {
        using Pair pair = new(this);
        if (HasSubjectPublicKeyInfo)
        {
            PublicKeyForms.CheckSubjectPublicKeyInfo(Algorithm, pair.PublicKey);
        }
        else
        {
            Assert.Throws<NotSupportedException>(() => Algorithm.ExportSubjectPublicKeyInfo(pair.PublicKey));
        }
    }

    [Fact]
    public void JwkIsWellFormedOrRefused()
    {
        using Pair pair = new(this);
        if (HasJwk)
        {
            PublicKeyForms.CheckJwk(Algorithm, pair.PublicKey);
        }
        else
        {
            Assert.Throws<NotSupportedException>(() => Algorithm.ExportJwk(pair.PublicKey));
        }
    }

    private void SignAndCheck(SigningKey key, byte[] publicKey)
    {
        byte[] signature = new byte[Algorithm.MaxSignatureSize];
        int written = key.Sign(s_message, signature);
        Assert.True(Algorithm.Verify(publicKey, s_message, signature.AsSpan(0, written)));
    }

    private sealed class Pair : IDisposable
    {
        internal Pair(SignatureAlgorithmContract contract, int index = 0)
        {
            Secret = contract.TakeSecret(index);
            PublicKey = contract.PublicKeyOf(Secret);
            Key = contract.Algorithm.Open(Secret.Reveal(), PublicKey);
        }

        internal SecretBytes Secret { get; }

        internal byte[] PublicKey { get; }

        internal SigningKey Key { get; }

        public void Dispose()
        {
            Key.Dispose();
            Secret.Dispose();
        }

        internal byte[] Sign(byte[] message, SignOptions? options = null)
        {
            byte[] signature = new byte[Key.Algorithm.MaxSignatureSize];
            return signature[..Key.Sign(message, signature, options)];
        }
    }
}
