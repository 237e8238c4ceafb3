using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>Alone, because working memory is shared: a test beside it would take what is idle.</summary>
[Collection(nameof(WorkingMemoryTests))]
[CollectionDefinition(nameof(WorkingMemoryTests), DisableParallelization = true)]
public sealed class WorkingMemoryTests
{
    private static readonly byte[] s_seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_message = "a message"u8.ToArray();

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void WorkingMemoryIsWipedAfterASignature(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        for (byte i = 0; i < 8; i++)
        {
            MLDsaAlgorithms.SignDeterministic(p, s_seed, [i], []);
            SigningArena arena = SigningArena.Rent();
            bool isClear = IsClear(arena.Y) && IsClear(arena.C) && IsClear(arena.YHat) && IsClear(arena.Term) && IsClear(arena.W)
                && IsClear(arena.RhoDoublePrime) && IsClear(arena.CommitmentHash) && IsClear(arena.PackedW1) && IsClear(arena.PackedY);
            SigningArena.Return(arena);
            Assert.True(isClear);
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void CommitmentHashOfACandidateIsInTheMemoryThatIsWiped(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        using MLDsaPrivateKey key = new(p);
        MLDsaInternal.KeyGen(s_seed, key, new byte[p.PublicKeySize]);
        byte[] signature = new byte[p.SignatureSize];
        SigningArena arena = SigningArena.Rent();
        try
        {
            int kappa = 0;
            while (!MLDsaInternal.TryCandidate(key, new byte[64], kappa, arena, signature))
            {
                Assert.False(IsClear(arena.CommitmentHash[..p.CommitmentHashSize]));
                Assert.True(IsClear<byte>(signature));
                kappa += p.L;
            }

            Assert.Equal(signature[..p.CommitmentHashSize], arena.CommitmentHash[..p.CommitmentHashSize].ToArray());
        }
        finally
        {
            SigningArena.Return(arena);
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void NothingIsAllocated(string name)
    {
        ManagedMLDsaAlgorithm algorithm = new(MLDsaAlgorithms.Find(name).Id);
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(s_seed, publicKey));
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        SignOptions options = new() { Context = new byte[] { 1 } };
        using SigningKey key = algorithm.Open(s_seed, publicKey);
        Use();

        // Seldom something else has what the pools keep; an allocation of its own would be there three times in a row.
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => Allocated()));

        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Use();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Use()
        {
            for (int i = 0; i < 5; i++)
            {
                key.Sign(s_message, signature, options);
                algorithm.Verify(publicKey, s_message, signature, options);
                algorithm.TryGetPublicKey(s_seed, publicKey);
            }
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ScratchKeyIsWipedAfterAPublicKey(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        Assert.True(new ManagedMLDsaAlgorithm(p.Id).TryGetPublicKey(s_seed, new byte[p.PublicKeySize]));
        MLDsaPrivateKey scratch = ScratchKeys.Rent(p);
        bool isClear = IsClear(scratch.K) && IsClear(scratch.S1.Coefficients) && IsClear(scratch.S2.Coefficients) && IsClear(scratch.T0.Coefficients);
        ScratchKeys.Return(scratch);
        Assert.True(isClear);
    }

    private static bool IsClear<T>(Span<T> memory)
        where T : IEquatable<T> => !memory.ContainsAnyExcept(default(T)!);
}
