#pragma warning disable SYSLIB5006 // The platform calls some of these members experimental; what they compute is fixed by FIPS 204.

using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.Tests.MLDsa;
using Managed = RonKms.PostQuantum.MLDsa.ManagedMLDsaAlgorithm;
using Platform = System.Security.Cryptography.MLDsa;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>The platform's ML-DSA against the managed one, both ways.</summary>
public sealed class MLDsaCrossCheckTests
{
    // .NET 10 refuses the others' object identifiers; NIST's vectors have them.
    private static readonly PreHashFunction[] s_platformFunctions =
    [
        PreHashFunction.Sha256, PreHashFunction.Sha384, PreHashFunction.Sha512,
        PreHashFunction.Sha3To256, PreHashFunction.Sha3To384, PreHashFunction.Sha3To512,
        PreHashFunction.Shake128, PreHashFunction.Shake256,
    ];

    public static TheoryData<string> Names => MLDsaAlgorithms.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void SameSeedGivesTheSameKeys(string name)
    {
        PlatformGate.NeedMLDsa();
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        byte[][] seeds = [new byte[32], Enumerable.Repeat((byte)0xFF, 32).ToArray(), .. Enumerable.Range(0, PlatformGate.Rounds).Select(_ => RandomNumberGenerator.GetBytes(32))];
        foreach (byte[] seed in seeds)
        {
            KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Of(p.Id, seed);
            using Platform key = Import(name, pair);
            using MLDsaPrivateKey managed = new(p);
            MLDsaInternal.KeyGen(seed, managed, new byte[p.PublicKeySize]);
            byte[] expanded = new byte[p.PrivateKeySize];
            ExpandedPrivateKey.Encode(managed, expanded);
            Assert.Equal(expanded, key.ExportMLDsaPrivateKey());
            Assert.Equal(pair.Managed.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
            Assert.Equal(pair.Platform.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EachVerifiesTheOthersSignatures(string name)
    {
        PlatformGate.NeedMLDsa();
        SignatureCrossCheck.EachVerifiesTheOthers(MLDsaAlgorithms.Find(name).Id, PlatformGate.Rounds);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BothRefuseTheSameSignatures(string name)
    {
        PlatformGate.NeedMLDsa();
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        SignatureCrossCheck.BothRefuseTheSame(p.Id, step: 7, good => MalformedOf(p, good));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EachVerifiesTheOthersPreHashedSignatures(string name)
    {
        PlatformGate.NeedMLDsa();
        Managed managed = new(MLDsaAlgorithms.Find(name).Id);
        KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Generate(managed.Id);
        using Platform platform = Import(name, pair);

        // .NET also wants a digest as strong as the set: as long as its commitment hash.
        int least = MLDsaAlgorithms.Find(name).CommitmentHashSize;
        foreach (PreHashFunction function in s_platformFunctions.Where(f => f.DigestSize >= least))
        {
            byte[] digest = RandomNumberGenerator.GetBytes(function.DigestSize);
            string oid = SignatureCrossCheck.OidOf(function);
            byte[] context = [(byte)digest.Length];
            SignOptions options = new() { Context = context };
            byte[] ours = new byte[managed.MaxSignatureSize];
            managed.SignPreHash(pair.Secret, digest, function, ours, options);
            byte[] theirs = platform.SignPreHash(digest, oid, context);
            foreach (byte[] signature in new[] { ours, theirs })
            {
                Assert.True(platform.VerifyPreHash(digest, signature, oid, context), function.Name);
                Assert.True(managed.VerifyPreHash(pair.PublicKey, digest, function, signature, options), function.Name);
                Assert.False(platform.VerifyPreHash(digest, signature, oid));
                Assert.False(managed.VerifyPreHash(pair.PublicKey, digest, function, signature));
                Assert.False(platform.VerifyData(digest, signature, context));
                Assert.False(managed.Verify(pair.PublicKey, digest, signature, options));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EachVerifiesTheOthersSignaturesOfARepresentative(string name)
    {
        PlatformGate.NeedMLDsa();
        Managed managed = new(MLDsaAlgorithms.Find(name).Id);
        KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Generate(managed.Id);
        using Platform platform = Import(name, pair);
        byte[] message = RandomNumberGenerator.GetBytes(200);
        SignOptions options = new() { Context = new byte[] { 7 } };
        byte[] mu = new byte[Managed.MessageRepresentativeSize];
        managed.ComputeRepresentative(pair.PublicKey, message, mu, options);
        byte[] ours = new byte[managed.MaxSignatureSize];
        managed.SignRepresentative(pair.Secret, mu, ours);
        foreach (byte[] signature in new[] { ours, platform.SignMu(mu) })
        {
            Assert.True(platform.VerifyMu(mu, signature));
            Assert.True(platform.VerifyData(message, signature, options.Context.Span));
            Assert.True(managed.VerifyRepresentative(pair.PublicKey, mu, signature));
            Assert.True(managed.Verify(pair.PublicKey, message, signature, options));
            Assert.False(platform.VerifyMu(SignatureCrossCheck.Flipped(mu, 0), signature));
        }
    }

    // FIPS 204, algorithm 21: the hint's indices ascend within a polynomial, the ends ascend, what is left is zero; algorithm 8: z is short.
    private static IEnumerable<byte[]> MalformedOf(MLDsaParameters p, byte[] good)
    {
        int hint = p.SignatureSize - p.Omega - p.K;
        byte[] With(params (int Place, byte Value)[] changes)
        {
            byte[] changed = [.. good];
            foreach ((int place, byte value) in changes)
            {
                changed[hint + place] = value;
            }

            return changed;
        }

        yield return With((0, good[hint + 1]), (1, good[hint]));
        yield return With((0, good[hint + 1]));
        yield return With((p.Omega - 1, 1));
        yield return With((p.Omega + p.K - 1, (byte)(p.Omega + 1)));
        yield return With((p.Omega, 0xFF));
        yield return With((p.Omega + 1, (byte)(good[hint + p.Omega] - 1)));
        int[] z = new int[MLDsaParameters.N];
        foreach (int value in new[] { p.Gamma1, 1 - p.Gamma1, p.Gamma1 - p.Beta, p.Beta - p.Gamma1 })
        {
            byte[] changed = [.. good];
            PolynomialPacking.BitUnpack(changed.AsSpan(p.PackedZ(0)), p.ZBits, p.Gamma1, z);
            z[0] = value;
            PolynomialPacking.BitPack(z, p.ZBits, p.Gamma1, changed.AsSpan(p.PackedZ(0)));
            yield return changed;
        }
    }

    private static Platform Import(string name, KeyPair<SignatureAlgorithm> pair) => Platform.ImportMLDsaPrivateSeed(
        name switch
        {
            "ML-DSA-44" => System.Security.Cryptography.MLDsaAlgorithm.MLDsa44,
            "ML-DSA-65" => System.Security.Cryptography.MLDsaAlgorithm.MLDsa65,
            "ML-DSA-87" => System.Security.Cryptography.MLDsaAlgorithm.MLDsa87,
            _ => throw new ArgumentException(name, nameof(name)),
        },
        pair.Secret);
}
