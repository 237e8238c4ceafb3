using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>The key files of the openssl command: its private keys imported here, our public keys read there.</summary>
public sealed class OpenSslKeyTests
{
    /// <summary>Every parameter set, by its name in the standard, which is openssl's too.</summary>
    public static TheoryData<string> Sets => [.. Managed.Select(NameOf)];

    /// <summary>The sets whose private keys have a seed.</summary>
    public static TheoryData<string> SeedSets => [.. Managed.Select(NameOf).Where(name => !name.StartsWith("SLH", StringComparison.Ordinal))];

    private static Algorithm[] Managed => By(PostQuantumProvider.Managed);

    [Theory]
    [MemberData(nameof(Sets))]
    public void KeyOfOpenSslIsImportedAndHasTheSamePublicKey(string name)
    {
        using OpenSslTool tool = new();
        byte[] pkcs8 = Generate(tool, name);
        byte[] expected = PublicKeyByOpenSsl(tool);
        foreach (PostQuantumProvider provider in new[] { PostQuantumProvider.Auto, PostQuantumProvider.Managed })
        {
            Algorithm algorithm = By(provider).Single(a => NameOf(a) == name);
            using SecretBytes secret = Assert.IsType<SecretBytes>(algorithm.ImportPkcs8(pkcs8));
            byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
            Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
            Assert.Equal(expected, algorithm.ExportSubjectPublicKeyInfo(publicKey));

            using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(provider));
            KeyId key = kms.ImportPkcs8("tenant", "purpose", algorithm.Id, pkcs8);
            Assert.Equal(publicKey, kms.GetPublicKey(key).Raw.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void OurPublicKeyIsReadByOpenSsl(string name)
    {
        using OpenSslTool tool = new();
        Algorithm algorithm = Find(name);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        tool.Write("ours.der", algorithm.ExportSubjectPublicKeyInfo(publicKey));
        string text = tool.Run("pkey", "-pubin", "-inform", "DER", "-in", "@ours.der", "-text", "-noout");
        Assert.StartsWith($"{name} Public-Key:", text, StringComparison.Ordinal);

        // "ek:" or "pub:", then the bytes in hex with colons.
        string hex = string.Concat(text[text.IndexOf(":\n", text.IndexOf('\n', StringComparison.Ordinal), StringComparison.Ordinal)..].Where(char.IsAsciiHexDigit));
        Assert.Equal(Convert.ToHexStringLower(publicKey), hex);
    }

    [Theory]
    [MemberData(nameof(SeedSets))]
    public void EveryFormThatHasTheSeedIsImportedAndTheOthersAreRefused(string name)
    {
        using OpenSslTool tool = new();
        Algorithm algorithm = Find(name);
        Generate(tool, name);
        byte[] Form(string form)
        {
            string family = name.StartsWith("ML-KEM", StringComparison.Ordinal) ? "ml-kem" : "ml-dsa";
            tool.Run("pkey", "-in", "@key.pem", "-provparam", $"{family}.output_formats={form}", "-outform", "DER", "-out", "@form.der");
            return tool.Read("form.der");
        }

        using SecretBytes seed = Assert.IsType<SecretBytes>(algorithm.ImportPkcs8(Form("seed-only")));
        using SecretBytes both = Assert.IsType<SecretBytes>(algorithm.ImportPkcs8(Form("seed-priv")));
        Assert.True(seed.Reveal().SequenceEqual(both.Reveal()));

        KmsException refusal = Assert.Throws<KmsException>(() => algorithm.ImportPkcs8(Form("priv-only")));
        Assert.Equal(KmsError.ImportRefused, refusal.Error);
        Assert.Contains("seed", refusal.Message, StringComparison.Ordinal);

        // Forms of before the RFCs: the bytes without a tag.
        Assert.Null(algorithm.ImportPkcs8(Form("bare-seed")));
        Assert.Null(algorithm.ImportPkcs8(Form("bare-priv")));
    }

    [Theory]
    [MemberData(nameof(SeedSets))]
    public void FormWithBothThatDisagreesIsRefusedHereAndThere(string name)
    {
        using OpenSslTool tool = new();
        Algorithm algorithm = Find(name);
        byte[] pkcs8 = Generate(tool, name);
        using SecretBytes secret = Assert.IsType<SecretBytes>(algorithm.ImportPkcs8(pkcs8));
        int seed = pkcs8.AsSpan().IndexOf(secret.Reveal());
        Assert.InRange(seed, 1, pkcs8.Length);

        // In the seed, and behind it at the start and the end of the expanded key.
        int expanded = seed + secret.Length + 4;
        foreach (int place in new[] { seed, seed + secret.Length - 1, expanded, expanded + 40, pkcs8.Length - 1 })
        {
            byte[] changed = [.. pkcs8];
            changed[place] ^= 1;
            tool.Write("changed.der", changed);
            Assert.Null(algorithm.ImportPkcs8(changed));
            Assert.False(tool.Succeeds("pkey", "-inform", "DER", "-in", "@changed.der", "-noout"), $"openssl takes it with byte {place} changed");
        }
    }

    // openssl has no hybrids.
    private static Algorithm[] By(PostQuantumProvider provider) => [.. PostQuantumAlgorithms.All(provider).Where(algorithm => !algorithm.Id.IsHybrid)];

    private static string NameOf(Algorithm algorithm)
    {
        byte[] anything = new byte[algorithm.Id.PublicKeySize];
        return algorithm.ExportJwk(anything).Single(member => member.Key == "alg").Value;
    }

    private static Algorithm Find(string name) => Managed.Single(a => NameOf(a) == name);

    private static byte[] Generate(OpenSslTool tool, string name)
    {
        tool.Run("genpkey", "-algorithm", name, "-out", "@key.pem");
        tool.Run("pkey", "-in", "@key.pem", "-outform", "DER", "-out", "@key.der");
        return tool.Read("key.der");
    }

    private static byte[] PublicKeyByOpenSsl(OpenSslTool tool)
    {
        tool.Run("pkey", "-in", "@key.pem", "-pubout", "-outform", "DER", "-out", "@pub.der");
        return tool.Read("pub.der");
    }
}
