using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;

namespace RonKms.Benchmarks.Timing;

/// <summary>ML-KEM-768 by its secrets.</summary>
internal static class MLKemTiming
{
    private const int Inputs = 500;
    private static readonly MLKemParameters s_parameters = MLKemParameters.Of(KeyAlgorithm.MLKem768);

    /// <summary>Decapsulation with one key: ciphertexts that encapsulation made, against ones that it never makes.</summary>
    internal static (Action<bool> Prepare, Action Work) ValidAndRejected() => Decapsulation((isValid, made) =>
    {
        made.Encapsulate();
        if (!isValid)
        {
            made.Ciphertext[RandomNumberGenerator.GetInt32(made.Ciphertext.Length)] ^= (byte)(1 << RandomNumberGenerator.GetInt32(8));
        }
    });

    /// <summary>Decapsulation of fresh ciphertexts: with one key, against a new one each time.</summary>
    internal static (Action<bool> Prepare, Action Work) FixedAndRandomKey() => Decapsulation((isRandom, made) =>
    {
        if (isRandom)
        {
            made.Generate();
        }

        made.Encapsulate();
    });

    /// <summary>ByteEncode of Compress to 10 bits: one polynomial, against a new one each time.</summary>
    /// <param name="zero">Whether the one is zero; otherwise it is drawn once.</param>
    internal static (Action<bool> Prepare, Action Work) Compression(bool zero) => Packer(zero, polynomial =>
    {
        byte[] packed = new byte[Polynomial.Size * 10 / 8];
        return () => Packing.EncodeCompressed(polynomial, 10, packed);
    });

    /// <summary>ByteEncode to 12 bits: one polynomial, against a new one each time.</summary>
    /// <param name="zero">Whether the one is zero; otherwise it is drawn once.</param>
    internal static (Action<bool> Prepare, Action Work) Encoding(bool zero) => Packer(zero, polynomial =>
    {
        byte[] packed = new byte[Polynomial.Size * 12 / 8];
        return () => Packing.Encode(polynomial, packed);
    });

    /// <summary>Copying a polynomial, which nobody suspects: what the machine itself makes of one value.</summary>
    /// <param name="zero">Whether the one is zero; otherwise it is drawn once.</param>
    internal static (Action<bool> Prepare, Action Work) Copying(bool zero) => Packer(zero, polynomial =>
    {
        short[] copy = new short[Polynomial.Size];
        return () => polynomial.CopyTo(copy, 0);
    });

    private static (Action<bool> Prepare, Action Work) Decapsulation(Action<bool, Input> finish)
    {
        byte[] key = new byte[Input.Size];
        new Input(key).Generate();
        TwoClasses<byte> inputs = new(Inputs, Input.Size, (isRandom, input) =>
        {
            key.CopyTo(input);
            finish(isRandom, new Input(input));
        });
        byte[] used = new byte[Input.Size];
        byte[] secret = new byte[MLKemParameters.SymbolSize];
        return (isRandom => inputs.CopyNext(isRandom, used), () => new Input(used).Decapsulate(secret));
    }

    private static (Action<bool> Prepare, Action Work) Packer(bool zero, Func<short[], Action> work)
    {
        short[] one = new short[Polynomial.Size];
        if (!zero)
        {
            FillRandom(one);
        }

        TwoClasses<short> inputs = new(Inputs, Polynomial.Size, (isRandom, input) =>
        {
            one.CopyTo(input);
            if (isRandom)
            {
                FillRandom(input);
            }
        });
        short[] polynomial = new short[Polynomial.Size];
        return (isRandom => inputs.CopyNext(isRandom, polynomial), Repeated(work(polynomial)));
    }

    private static void FillRandom(Span<short> polynomial)
    {
        foreach (ref short coefficient in polynomial)
        {
            coefficient = (short)(Random.Shared.Next(Reduction.Q) - (Reduction.Q / 2));
        }
    }

    // A packer takes some 0.2 µs, near the clock's own step.
    private static Action Repeated(Action work) => () =>
    {
        for (int i = 0; i < 20; i++)
        {
            work();
        }
    };

    /// <summary>A key, ready for use, and a ciphertext for it, one after the other in memory.</summary>
    private readonly ref struct Input
    {
        private static readonly int s_publicKeySize = EncapsulationKey.RoomOf(s_parameters) * sizeof(short);
        private static readonly int s_secretSize = s_parameters.K * Polynomial.Size * sizeof(short);

        private readonly Span<byte> _all;

        internal Input(Span<byte> all)
        {
            _all = all;
        }

        internal static int Size => s_publicKeySize + s_secretSize + (2 * MLKemParameters.SymbolSize) + s_parameters.CiphertextSize;

        internal Span<byte> Ciphertext => _all[^s_parameters.CiphertextSize..];

        private EncapsulationKey PublicKey => new(s_parameters, MemoryMarshal.Cast<byte, short>(_all[..s_publicKeySize]));

        private Span<short> S => MemoryMarshal.Cast<byte, short>(_all.Slice(s_publicKeySize, s_secretSize));

        private Span<byte> Z => _all.Slice(s_publicKeySize + s_secretSize, MLKemParameters.SymbolSize);

        private Span<byte> Hash => _all.Slice(s_publicKeySize + s_secretSize + MLKemParameters.SymbolSize, MLKemParameters.SymbolSize);

        internal void Generate()
        {
            byte[] encoded = new byte[s_parameters.EncapsulationKeySize];
            MLKemInternal.KeyGen(RandomNumberGenerator.GetBytes(MLKemParameters.SymbolSize), PublicKey, encoded, S);
            RandomNumberGenerator.Fill(Z);
            Sha3.Hash256(encoded, Hash);
        }

        internal void Encapsulate() => MLKemInternal.Encaps(
            PublicKey, Hash, RandomNumberGenerator.GetBytes(MLKemParameters.SymbolSize), new byte[MLKemParameters.SymbolSize], Ciphertext);

        internal void Decapsulate(Span<byte> secret) => MLKemInternal.Decaps(PublicKey, Hash, S, Z, Ciphertext, secret);
    }
}
