using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;

namespace RonKms.Benchmarks.Timing;

/// <summary>ML-KEM-768 by its secrets.</summary>
internal static class MLKemTiming
{
    private const int Inputs = 1_000;
    private static readonly MLKemParameters s_parameters = MLKemParameters.Of(KeyAlgorithm.MLKem768);

    /// <summary>Decapsulation with one key: ciphertexts that encapsulation made, against ones that it never makes.</summary>
    internal static (Action<bool> Prepare, Action Work) ValidAndRejected()
    {
        Key key = Key.Generate();
        byte[][] valid = [.. Enumerable.Range(0, Inputs).Select(_ => key.Encapsulate())];
        byte[][] rejected = [.. valid.Select(Spoil)];
        byte[] ciphertext = new byte[s_parameters.CiphertextSize];
        byte[] secret = new byte[MLKemParameters.SymbolSize];
        int next = 0;
        return (
            one => (one ? valid : rejected)[next++ % Inputs].CopyTo(ciphertext, 0),
            () => key.Decapsulate(ciphertext, secret));
    }

    /// <summary>Decapsulation of fresh ciphertexts: with one key, against a new one each time.</summary>
    internal static (Action<bool> Prepare, Action Work) FixedAndRandomKey()
    {
        Key[] random = [.. Enumerable.Range(0, Inputs).Select(_ => Key.Generate())];
        Key fixedKey = Key.Generate();
        Key[] same = [.. random.Select(_ => fixedKey.Copy())];
        byte[][] forSame = [.. same.Select(key => key.Encapsulate())];
        byte[][] forRandom = [.. random.Select(key => key.Encapsulate())];
        Key used = Key.Generate();
        byte[] ciphertext = new byte[s_parameters.CiphertextSize];
        byte[] secret = new byte[MLKemParameters.SymbolSize];
        int next = 0;
        return (
            one =>
            {
                int i = next++ % Inputs;

                // From as many places in both classes, so that the caches know no difference.
                (one ? random : same)[i].CopyTo(used);
                (one ? forRandom : forSame)[i].CopyTo(ciphertext, 0);
            },
            () => used.Decapsulate(ciphertext, secret));
    }

    /// <summary>ByteEncode of Compress to 10 bits: one polynomial, against a new one each time.</summary>
    internal static (Action<bool> Prepare, Action Work) Compression() => Packer(polynomial =>
    {
        byte[] packed = new byte[Polynomial.Size * 10 / 8];
        return () => Packing.EncodeCompressed(polynomial, 10, packed);
    });

    /// <summary>ByteEncode to 12 bits: one polynomial, against a new one each time.</summary>
    internal static (Action<bool> Prepare, Action Work) Encoding() => Packer(polynomial =>
    {
        byte[] packed = new byte[Polynomial.Size * 12 / 8];
        return () => Packing.Encode(polynomial, packed);
    });

    private static (Action<bool> Prepare, Action Work) Packer(Func<short[], Action> work)
    {
        TwoClasses<short> inputs = new(Polynomial.Size, () => (short)(RandomNumberGenerator.GetInt32(Reduction.Q) - (Reduction.Q / 2)), one: 0);
        short[] polynomial = new short[Polynomial.Size];
        return (isRandom => inputs.CopyNext(isRandom, polynomial), Repeated(work(polynomial)));
    }

    // A packer takes some 0.2 µs, near the clock's own step.
    private static Action Repeated(Action work) => () =>
    {
        for (int i = 0; i < 20; i++)
        {
            work();
        }
    };

    private static byte[] Spoil(byte[] ciphertext)
    {
        byte[] spoiled = [.. ciphertext];
        spoiled[RandomNumberGenerator.GetInt32(spoiled.Length)] ^= (byte)(1 << RandomNumberGenerator.GetInt32(8));
        return spoiled;
    }

    /// <summary>A key in plain arrays, which can be copied over another.</summary>
    private sealed class Key
    {
        private readonly short[] _publicKey = new short[EncapsulationKey.RoomOf(s_parameters)];
        private readonly short[] _s = new short[s_parameters.K * Polynomial.Size];
        private readonly byte[] _z = RandomNumberGenerator.GetBytes(MLKemParameters.SymbolSize);
        private readonly byte[] _hash = new byte[MLKemParameters.SymbolSize];

        private EncapsulationKey PublicKey => new(s_parameters, _publicKey);

        internal static Key Generate()
        {
            Key key = new();
            byte[] encoded = new byte[s_parameters.EncapsulationKeySize];
            MLKemInternal.KeyGen(RandomNumberGenerator.GetBytes(MLKemParameters.SymbolSize), key.PublicKey, encoded, key._s);
            Sha3.Hash256(encoded, key._hash);
            return key;
        }

        internal byte[] Encapsulate()
        {
            byte[] ciphertext = new byte[s_parameters.CiphertextSize];
            MLKemInternal.Encaps(
                PublicKey, _hash, RandomNumberGenerator.GetBytes(MLKemParameters.SymbolSize), new byte[MLKemParameters.SymbolSize], ciphertext);
            return ciphertext;
        }

        internal void Decapsulate(byte[] ciphertext, byte[] secret) => MLKemInternal.Decaps(PublicKey, _hash, _s, _z, ciphertext, secret);

        internal Key Copy()
        {
            Key copy = new();
            CopyTo(copy);
            return copy;
        }

        internal void CopyTo(Key other)
        {
            _publicKey.CopyTo(other._publicKey, 0);
            _s.CopyTo(other._s, 0);
            _z.CopyTo(other._z, 0);
            _hash.CopyTo(other._hash, 0);
        }
    }
}
