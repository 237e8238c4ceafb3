using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.MLKem;
using RonKms.PostQuantum.SlhDsa;
using RonKms.PostQuantum.Tests.MLDsa;
using RonKms.PostQuantum.Tests.SlhDsa;
using SlhDsaParameters = RonKms.PostQuantum.SlhDsa.SlhDsaParameters;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>Signatures and ciphertexts of the openssl command against the managed ones. It signs deterministically, which .NET's classes cannot.</summary>
public sealed class OpenSslUseTests
{
    private static readonly byte[] s_message = RandomNumberGenerator.GetBytes(300);
    private static readonly byte[] s_context = [0x41, 0x42];

    public static TheoryData<string> MLKemSets => new(MLKemParameters.All.Select(p => p.Name));

    public static TheoryData<string> MLDsaSets => MLDsaAlgorithms.Names;

    public static TheoryData<string> SlhDsaSets => SlhDsaCrossCheckTests.SetsInTime;

    [Theory]
    [MemberData(nameof(MLDsaSets))]
    public void DeterministicMLDsaSignaturesAreEqualToTheByte(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        CheckSignatures(p.Id, name, (secret, _) => MLDsaAlgorithms.SignDeterministic(p, secret, s_message, s_context));
    }

    [Theory]
    [MemberData(nameof(SlhDsaSets))]
    public void DeterministicSlhDsaSignaturesAreEqualToTheByte(string name)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        CheckSignatures(p.Id, name, (secret, publicKey) =>
        {
            // FIPS 205, algorithm 19: opt_rand is PK.seed.
            byte[] signature = new byte[p.SignatureSize];
            SlhDsaScheme.For(p).Sign(s_message, s_context, secret, publicKey.AsSpan(0, p.N), signature);
            return signature;
        });
    }

    [Theory]
    [MemberData(nameof(MLKemSets))]
    public void EachOpensWhatTheOtherEncapsulates(string name)
    {
        using OpenSslTool tool = new();
        KemAlgorithm algorithm = (KemAlgorithm)Find(MLKemParameters.All.Single(p => p.Name == name).Id);
        (byte[] secret, byte[] publicKey) = Generate(tool, algorithm, name);
        using DecapsulationKey key = algorithm.Open(secret, publicKey);

        tool.Run("pkeyutl", "-encap", "-pubin", "-inkey", "@pub.pem", "-out", "@theirs.ct", "-secret", "@theirs.ss");
        byte[] received = new byte[algorithm.SharedSecretSize];
        Assert.True(key.TryDecapsulate(tool.Read("theirs.ct"), received));
        Assert.Equal(tool.Read("theirs.ss"), received);

        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        byte[] sent = new byte[algorithm.SharedSecretSize];
        algorithm.Encapsulate(publicKey, ciphertext, sent);
        tool.Write("ours.ct", ciphertext);
        tool.Run("pkeyutl", "-decap", "-inkey", "@key.pem", "-in", "@ours.ct", "-secret", "@ours.ss");
        Assert.Equal(sent, tool.Read("ours.ss"));

        // Implicit rejection, by both the same.
        ciphertext[^1] ^= 1;
        tool.Write("ours.ct", ciphertext);
        tool.Run("pkeyutl", "-decap", "-inkey", "@key.pem", "-in", "@ours.ct", "-secret", "@ours.ss");
        Assert.True(key.TryDecapsulate(ciphertext, received));
        Assert.Equal(received, tool.Read("ours.ss"));
        Assert.NotEqual(sent, received);
    }

    private static void CheckSignatures(KeyAlgorithm id, string name, Func<byte[], byte[], byte[]> signDeterministic)
    {
        using OpenSslTool tool = new();
        SignatureAlgorithm algorithm = (SignatureAlgorithm)Find(id);
        (byte[] secret, byte[] publicKey) = Generate(tool, algorithm, name);
        tool.Write("message", s_message);
        string context = $"hexcontext-string:{Convert.ToHexString(s_context)}";
        SignOptions options = new() { Context = s_context };

        tool.Run("pkeyutl", "-sign", "-rawin", "-inkey", "@key.pem", "-in", "@message", "-out", "@theirs", "-pkeyopt", "deterministic:1", "-pkeyopt", context);
        Assert.Equal(tool.Read("theirs"), signDeterministic(secret, publicKey));

        tool.Run("pkeyutl", "-sign", "-rawin", "-inkey", "@key.pem", "-in", "@message", "-out", "@theirs", "-pkeyopt", context);
        Assert.True(algorithm.Verify(publicKey, s_message, tool.Read("theirs"), options));
        Assert.False(algorithm.Verify(publicKey, s_message, tool.Read("theirs")));

        byte[] ours = new byte[algorithm.MaxSignatureSize];
        using (SigningKey key = algorithm.Open(secret, publicKey))
        {
            Assert.Equal(ours.Length, key.Sign(s_message, ours, options));
        }

        string[] verify = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "@pub.pem", "-in", "@message", "-sigfile", "@ours"];
        tool.Write("ours", ours);
        tool.Run([.. verify, "-pkeyopt", context]);
        Assert.False(tool.Succeeds(verify));
    }

    private static Algorithm Find(KeyAlgorithm id) => PostQuantumAlgorithms.All(PostQuantumProvider.Managed).Single(a => a.Id == id);

    private static (byte[] Secret, byte[] PublicKey) Generate(OpenSslTool tool, Algorithm algorithm, string name)
    {
        tool.Run("genpkey", "-algorithm", name, "-out", "@key.pem");
        tool.Run("pkey", "-in", "@key.pem", "-pubout", "-out", "@pub.pem");
        tool.Run("pkey", "-in", "@key.pem", "-outform", "DER", "-out", "@key.der");
        using SecretBytes secret = Assert.IsType<SecretBytes>(algorithm.ImportPkcs8(tool.Read("key.der")));
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        return (secret.Reveal().ToArray(), publicKey);
    }
}
