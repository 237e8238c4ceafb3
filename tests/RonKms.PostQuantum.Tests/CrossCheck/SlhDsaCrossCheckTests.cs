#pragma warning disable SYSLIB5006 // The platform calls its class experimental; what it computes is fixed by FIPS 205.

using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.SlhDsa;
using RonKms.PostQuantum.Tests.SlhDsa;
using Managed = RonKms.PostQuantum.SlhDsa.ManagedSlhDsaAlgorithm;
using Platform = System.Security.Cryptography.SlhDsa;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>The platform's SLH-DSA against the managed one, both ways.</summary>
public sealed class SlhDsaCrossCheckTests
{
    public static TheoryData<string> Sets => SlhDsaAlgorithms.Sets;

    /// <summary>All sets in the whole check; in the short one the fast sets, because a signature of a small one takes a second.</summary>
    public static TheoryData<string> SetsInTime =>
        PlatformGate.IsWhole ? Sets : [.. SlhDsaParameters.All.Select(p => p.Name).Where(name => name.EndsWith('f'))];

    [Theory]
    [MemberData(nameof(Sets))]
    public void KeysOfThePlatformAreThoseOfTheManagedAlgorithm(string name)
    {
        PlatformGate.NeedSlhDsa();
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        using Platform key = Platform.GenerateKey(PlatformSlhDsaAlgorithm.Find(p));

        // The managed algorithm computes the root again from SK.seed and PK.seed.
        KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Of(p.Id, key.ExportSlhDsaPrivateKey());
        Assert.Equal(pair.PublicKey, key.ExportSlhDsaPublicKey());
        Assert.Equal(pair.Managed.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
        Assert.Equal(pair.Platform.ExportSubjectPublicKeyInfo(pair.PublicKey), key.ExportSubjectPublicKeyInfo());
        byte[] otherRoot = SignatureCrossCheck.Flipped(pair.Secret, pair.Secret.Length - 1);
        Assert.False(pair.Platform.TryGetPublicKey(otherRoot, new byte[p.PublicKeySize]));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void EachVerifiesTheOthersSignatures(string name)
    {
        PlatformGate.NeedSlhDsa();
        SignatureCrossCheck.EachVerifiesTheOthers(SlhDsaAlgorithms.Find(name).Id, RoundsOf(name));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void BothRefuseTheSameSignatures(string name)
    {
        PlatformGate.NeedSlhDsa();
        SignatureCrossCheck.BothRefuseTheSame(SlhDsaAlgorithms.Find(name).Id, step: 997);
    }

    [Theory]
    [MemberData(nameof(SetsInTime))]
    public void EachVerifiesTheOthersPreHashedSignatures(string name)
    {
        PlatformGate.NeedSlhDsa();
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        Managed managed = new(p.Id);
        KeyPair<SignatureAlgorithm> pair = KeyPair<SignatureAlgorithm>.Generate(p.Id);
        using Platform platform = Platform.ImportSlhDsaPrivateKey(PlatformSlhDsaAlgorithm.Find(p), pair.Secret);

        foreach (PreHashFunction function in PlatformGate.IsWhole ? PreHashFunction.All : [PreHashFunction.Sha512, PreHashFunction.Shake128])
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
            }
        }
    }

    private static int RoundsOf(string name) => name.EndsWith('s') ? 1 : Math.Max(4, PlatformGate.Rounds / 10);
}
