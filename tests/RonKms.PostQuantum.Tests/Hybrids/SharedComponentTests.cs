using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>A key that is a half of a hybrid is held once: alone, or inside the hybrid.</summary>
public sealed class SharedComponentTests
{
    private static readonly byte[] s_kek = new byte[32];
    private static readonly byte[] s_ed25519 = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_mldsa65 = [.. Enumerable.Repeat((byte)2, 32)];
    private static readonly byte[] s_other = [.. Enumerable.Repeat((byte)3, 32)];
    private static readonly byte[] s_another = [.. Enumerable.Repeat((byte)4, 32)];

    // Which is held and which is imported: all that have a half in common.
    public static TheoryData<string, string> Sharing
    {
        get
        {
            string[] names = ["ed25519", "mldsa65", "ed25519+mldsa65", "composite-mldsa65-ed25519"];
            TheoryData<string, string> pairs = [];
            foreach ((string held, string imported) in names.SelectMany(held => names.Select(imported => (held, imported))))
            {
                if ((held, imported) is not (("ed25519", "mldsa65") or ("mldsa65", "ed25519")))
                {
                    pairs.Add(held, imported);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Sharing))]
    public void ImportOfAKeyThatSharesAHalfWithAHeldOneIsRefused(string held, string imported)
    {
        using ScratchDirectory directory = new();
        KeyId key;
        using (Keystore kms = Open(directory, create: true))
        {
            key = Import(kms, held, s_ed25519, s_mldsa65);
            RefusesToImport(kms, imported, key);
        }

        using (Keystore kms = Open(directory))
        {
            RefusesToImport(kms, imported, key);
            RefusesToImport(kms, imported, key);
            kms.Rotate(key);
            kms.Destroy(key);
            RefusesToImport(kms, imported, key);
        }

        using (Keystore kms = Open(directory))
        {
            RefusesToImport(kms, imported, key);
            Import(kms, imported, s_other, s_another);
        }
    }

    [Theory]
    [InlineData("ed25519+mldsa65", "ed25519+mldsa65")]
    [InlineData("ed25519+mldsa65", "composite-mldsa65-ed25519")]
    [InlineData("composite-mldsa65-ed25519", "ed25519+mldsa65")]
    public void OneHalfInCommonIsEnough(string held, string imported)
    {
        using Keystore kms = Keystore.InMemory(Options());
        KeyId key = Import(kms, held, s_ed25519, s_mldsa65);
        KmsException classical = Assert.Throws<KmsException>(() => Import(kms, imported, s_ed25519, s_other));
        Assert.Equal(KmsError.ImportRefused, classical.Error);
        Assert.Contains("ed25519 half", classical.Message, StringComparison.Ordinal);
        Assert.Contains(key.ToString(), classical.Message, StringComparison.Ordinal);
        KmsException postQuantum = Assert.Throws<KmsException>(() => Import(kms, imported, s_other, s_mldsa65));
        Assert.Contains("mldsa65 half", postQuantum.Message, StringComparison.Ordinal);
        Import(kms, imported, s_other, s_another);
    }

    [Theory]
    [InlineData("mlkem768")]
    [InlineData("x25519")]
    public void HalvesOfXWingAreRefusedAndXWingWhereOneIsHeld(string name)
    {
        // The seed is expanded to d ‖ z and the scalar: draft-connolly-cfrg-xwing-kem, section 5.2.
        byte[] expanded = new byte[96];
        Shake.Hash256(s_other, expanded);
        KeyAlgorithm algorithm = KeyAlgorithm.FindByName(name)!;
        byte[] half = name == "mlkem768" ? expanded[..64] : expanded[64..];
        using (Keystore kms = Keystore.InMemory(Options()))
        {
            kms.Import("acme", "p", KeyAlgorithm.XWing, s_other);
            KmsException refused = Assert.Throws<KmsException>(() => kms.Import("acme", "p", algorithm, half));
            Assert.Equal(KmsError.ImportRefused, refused.Error);
        }

        using (Keystore kms = Keystore.InMemory(Options()))
        {
            kms.Import("acme", "p", algorithm, half);
            KmsException refused = Assert.Throws<KmsException>(() => kms.Import("acme", "p", KeyAlgorithm.XWing, s_other));
            Assert.Contains(name + " half", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void HybridIsComparedAlsoWhereItsAlgorithmIsNotAvailable()
    {
        using ScratchDirectory directory = new();
        using (Keystore kms = Open(directory, create: true))
        {
            Import(kms, "ed25519+mldsa65", s_ed25519, s_mldsa65);
        }

        using Keystore classical = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek));
        Assert.Equal(
            KmsError.ImportRefused, Assert.Throws<KmsException>(() => classical.Import("acme", "p", KeyAlgorithm.Ed25519, s_ed25519)).Error);
    }

    [Fact]
    public void DamagedRecordOfAHybridDoesNotStopImports()
    {
        using ScratchDirectory directory = new();
        using (Keystore kms = Open(directory, create: true))
        {
            Import(kms, "ed25519+mldsa65", s_ed25519, s_mldsa65);
        }

        string record = Assert.Single(Directory.GetFiles(directory.Store["file:".Length..], "*.ronk", SearchOption.AllDirectories));
        File.Delete(record);
        using (Keystore kms = Open(directory))
        {
            Assert.Equal(KeyAlgorithm.Ed25519, Import(kms, "ed25519", s_ed25519, s_mldsa65).Algorithm);
        }
    }

    private static KeystoreOptions Options() => new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);

    private static Keystore Open(ScratchDirectory directory, bool create = false) => create
        ? Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options())
        : Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options());

    private static KeyId Import(Keystore kms, string name, byte[] ed25519, byte[] mldsa65) => kms.Import(
        "acme",
        "p",
        KeyAlgorithm.FindByName(name)!,
        name switch
        {
            "ed25519" => ed25519,
            "mldsa65" => mldsa65,
            "ed25519+mldsa65" => [.. ed25519, .. mldsa65],
            _ => [.. mldsa65, .. ed25519],
        });

    private static void RefusesToImport(Keystore kms, string name, KeyId held)
    {
        int keys = kms.List().Count;
        KmsException refused = Assert.Throws<KmsException>(() => Import(kms, name, s_ed25519, s_mldsa65));
        Assert.Equal(KmsError.ImportRefused, refused.Error);
        Assert.Contains(held.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal(keys, kms.List().Count);
    }
}
