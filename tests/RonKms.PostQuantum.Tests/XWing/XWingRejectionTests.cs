using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.XWing;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>What X-Wing does with ciphertexts and keys that no honest side makes.</summary>
public sealed class XWingRejectionTests : IDisposable
{
    private const int MLKemPublicKeySize = 1184;
    private const int MLKemCiphertextSize = 1088;

    private static readonly byte[] s_label = [0x5C, 0x2E, 0x2F, 0x2F, 0x5E, 0x5C];

    // 0, 1, and a point of order 8, of Curve25519.
    private static readonly byte[][] s_smallOrder =
    [
        new byte[32],
        [1, .. new byte[31]],
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ];

    private readonly XWingAlgorithm _algorithm = XWingAlgorithms.Managed;
    private readonly SecretBytes _seed = XWingAlgorithms.Managed.GenerateSecret();
    private readonly byte[] _publicKey;
    private readonly DecapsulationKey _key;
    private readonly byte[] _ciphertext = new byte[1120];
    private readonly byte[] _sent = new byte[32];

    public XWingRejectionTests()
    {
        _publicKey = XWingAlgorithms.PublicKeyOf(_seed.Reveal());
        _key = _algorithm.Open(_seed.Reveal(), _publicKey);
        _algorithm.Encapsulate(_publicKey, _ciphertext, _sent);
    }

    public void Dispose()
    {
        _key.Dispose();
        _seed.Dispose();
    }

    [Fact]
    public void ChangedCiphertextOpensToAnotherSecretWithoutAnError()
    {
        // Every byte once. The highest bit of the last is tried below.
        HashSet<string> secrets = [Convert.ToHexString(_sent)];
        for (int i = 0; i < _ciphertext.Length; i++)
        {
            byte[] changed = [.. _ciphertext];
            changed[i] ^= (byte)(1 << (i % 7));
            Assert.True(secrets.Add(Convert.ToHexString(Received(changed))), $"byte {i}");
        }
    }

    [Fact]
    public void BitThatX25519DoesNotReadIsBoundByTheHash()
    {
        byte[] changed = [.. _ciphertext];
        changed[^1] ^= 0x80;
        Assert.NotEqual(_sent, Received(changed));
    }

    [Fact]
    public void SmallOrderCiphertextOpensToWhatMLKemAloneGives()
    {
        using DecapsulationKey mlkem = OpenMLKem();
        byte[] mlkemSecret = new byte[32];
        Assert.True(mlkem.TryDecapsulate(_ciphertext.AsSpan(0, MLKemCiphertextSize), mlkemSecret));
        foreach (byte[] point in s_smallOrder)
        {
            Assert.Equal(Combined(mlkemSecret, point, _publicKey[MLKemPublicKeySize..]), Received([.. _ciphertext[..MLKemCiphertextSize], .. point]));
        }
    }

    [Fact]
    public void SmallOrderPublicKeyIsEncapsulatedToUnderMLKemAlone()
    {
        using DecapsulationKey mlkem = OpenMLKem();
        byte[] ciphertext = new byte[1120];
        byte[] sent = new byte[32];
        byte[] mlkemSecret = new byte[32];
        foreach (byte[] point in s_smallOrder)
        {
            byte[] publicKey = [.. _publicKey[..MLKemPublicKeySize], .. point];
            Assert.True(_algorithm.IsValidPublicKey(publicKey));
            _algorithm.Encapsulate(publicKey, ciphertext, sent);
            Assert.True(mlkem.TryDecapsulate(ciphertext.AsSpan(0, MLKemCiphertextSize), mlkemSecret));
            Assert.Equal(Combined(mlkemSecret, ciphertext[MLKemCiphertextSize..], point), sent);
        }
    }

    [Fact]
    public void AnotherMLKemIsRefused() => Assert.Throws<ArgumentException>(() => new XWingAlgorithm(MLKem.MLKemAlgorithms.Find("ML-KEM-1024")));

    // SHA3-256(ss_M ‖ 0 ‖ ct_X ‖ pk_X ‖ label): the draft's combiner where X25519 gives zero.
    private static byte[] Combined(byte[] mlkemSecret, byte[] ciphertext, byte[] publicKey)
    {
        byte[] secret = new byte[32];
        Sha3.Hash256([.. mlkemSecret, .. new byte[32], .. ciphertext, .. publicKey, .. s_label], secret);
        return secret;
    }

    [Fact]
    public void FailureOfTheMLKemHalfIsTheKeysAndAnotherAttemptSucceeds()
    {
        XWingAlgorithm failing = new(new UnopenedMLKem(MLKem.MLKemAlgorithms.Find("ML-KEM-768")));
        Assert.Throws<InsufficientMemoryException>(() => failing.Open(_seed.Reveal(), _publicKey));
        using DecapsulationKey opened = _algorithm.Open(_seed.Reveal(), _publicKey);
        byte[] received = new byte[32];
        Assert.True(opened.TryDecapsulate(_ciphertext, received));
        Assert.Equal(_sent, received);
    }

    private DecapsulationKey OpenMLKem()
    {
        byte[] expanded = new byte[96];
        Shake.Hash256(_seed.Reveal(), expanded);
        return MLKem.MLKemAlgorithms.Find("ML-KEM-768").Open(expanded.AsSpan(0, 64), _publicKey.AsSpan(0, MLKemPublicKeySize));
    }

    private byte[] Received(byte[] ciphertext)
    {
        byte[] received = new byte[32];
        Assert.True(_key.TryDecapsulate(ciphertext, received));
        return received;
    }
}
