using System.Formats.Asn1;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.Architecture;

/// <summary>The catalog's algorithms as cryptographic assets of CycloneDX 1.6.</summary>
/// <remarks>
/// Security levels: classical in bits (NIST SP 800-57 part 1, section 5.6.1; SP 800-56B, appendix D), quantum as NIST's categories, 0 for none;
/// of symmetric algorithms those of searching the key. A hybrid has those of its post-quantum half, X-Wing the 128 bits that its draft aims at.
/// </remarks>
internal static class CryptographyBom
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string HmacWithSha256 = "1.2.840.113549.2.9";
    private static readonly JsonSerializerOptions s_layout = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<KeyAlgorithm, Facts> s_facts = new()
    {
        [KeyAlgorithm.Ed25519] = new("Ed25519", "Ed25519", 128, 0),
        [KeyAlgorithm.X25519] = new("DHKEM(X25519, HKDF-SHA256)", "X25519", 128, 0),
        [KeyAlgorithm.P256] = new("ECDSA with SHA-256", "P-256", 128, 0),
        [KeyAlgorithm.Rsa2048] = new("RSA (PSS, PKCS#1 v1.5) with SHA-256", "2048", 112, 0, RsaEncryption),
        [KeyAlgorithm.Rsa3072] = new("RSA (PSS, PKCS#1 v1.5) with SHA-256", "3072", 128, 0, RsaEncryption),
        [KeyAlgorithm.Rsa4096] = new("RSA (PSS, PKCS#1 v1.5) with SHA-256", "4096", 152, 0, RsaEncryption),
        [KeyAlgorithm.Aes256Gcm] = new("XAES-256-GCM", "256", 256, 5),
        [KeyAlgorithm.ChaCha20Poly1305] = new("XChaCha20-Poly1305", "256", 256, 5),
        [KeyAlgorithm.HmacSha256] = new("HMAC-SHA-256", "256", 256, 5, HmacWithSha256),
        [KeyAlgorithm.MLKem512] = new("ML-KEM-512", "512", 128, 1),
        [KeyAlgorithm.MLKem768] = new("ML-KEM-768", "768", 192, 3),
        [KeyAlgorithm.MLKem1024] = new("ML-KEM-1024", "1024", 256, 5),
        [KeyAlgorithm.MLDsa44] = new("ML-DSA-44", "44", 128, 2),
        [KeyAlgorithm.MLDsa65] = new("ML-DSA-65", "65", 192, 3),
        [KeyAlgorithm.MLDsa87] = new("ML-DSA-87", "87", 256, 5),
        [KeyAlgorithm.XWing] = new("X-Wing (X25519 with ML-KEM-768)", "X25519, ML-KEM-768", 128, 3),
        [KeyAlgorithm.Ed25519MLDsa65] = new("Ed25519 and ML-DSA-65, two signatures", "Ed25519, ML-DSA-65", 192, 3),
        [KeyAlgorithm.CompositeMLDsa65Ed25519] = new("id-MLDSA65-Ed25519-SHA512", "ML-DSA-65, Ed25519", 192, 3),
    };

    /// <summary>Writes the document.</summary>
    /// <param name="catalog">The algorithms.</param>
    /// <returns>JSON, indented, with LF at each line's end.</returns>
    internal static string Write(AlgorithmCatalog catalog)
    {
        IEnumerable<JsonNode> components = catalog.Algorithms.OrderBy(algorithm => algorithm.Id.Id).Select(Component);
        JsonObject document = new()
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "library",
                    ["bom-ref"] = "RonKms",
                    ["name"] = "RonKms",
                    ["version"] = typeof(Keystore).Assembly.GetName().Version!.ToString(3),
                },
            },
            ["components"] = new JsonArray([.. components]),
        };
        return document.ToJsonString(s_layout) + "\n";
    }

    private static JsonObject Component(Algorithm algorithm)
    {
        KeyAlgorithm id = algorithm.Id;
        Facts facts = FactsOf(id);
        JsonObject asset = new()
        {
            ["assetType"] = "algorithm",
            ["algorithmProperties"] = new JsonObject
            {
                ["primitive"] = Primitive(id.Use),
                ["parameterSetIdentifier"] = facts.ParameterSet,
                ["executionEnvironment"] = "software-plain-ram",
                ["cryptoFunctions"] = new JsonArray([.. Functions(id.Use).Select(name => (JsonNode)name)]),
                ["classicalSecurityLevel"] = facts.ClassicalBits,
                ["nistQuantumSecurityLevel"] = facts.QuantumCategory,
            },
        };
        if ((facts.Oid ?? OidOf(algorithm)) is { } oid)
        {
            asset["oid"] = oid;
        }

        return new JsonObject
        {
            ["type"] = "cryptographic-asset",
            ["bom-ref"] = "algorithm/" + id.Name,
            ["name"] = facts.Name,
            ["cryptoProperties"] = asset,
            ["properties"] = new JsonArray(
                Property("ronkms:name", id.Name),
                Property("ronkms:id", id.Id.ToString("x4", CultureInfo.InvariantCulture)),
                Property("ronkms:implementation", algorithm.Provider == "managed" ? "the platform where it has it, otherwise managed" : algorithm.Provider)),
        };
    }

    private static Facts FactsOf(KeyAlgorithm id)
    {
        if (s_facts.TryGetValue(id, out Facts? facts))
        {
            return facts;
        }

        // slhdsa-sha2-128s: the name has it all.
        const string SlhDsa = "slhdsa-";
        if (!id.Name.StartsWith(SlhDsa, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Nothing is known here of {id}: add it to the table.");
        }

        string[] words = id.Name[SlhDsa.Length..].Split('-');
        int bits = int.Parse(words[1][..3], CultureInfo.InvariantCulture);
        string set = $"{words[0].ToUpperInvariant()}-{words[1]}";
        return new Facts("SLH-DSA-" + set, set, bits, bits switch { 128 => 1, 192 => 3, 256 => 5, _ => throw new InvalidOperationException(id.Name) });
    }

    private static string Primitive(KeyUse use) => use switch
    {
        KeyUse.Sign => "signature",
        KeyUse.Encapsulate => "kem",
        KeyUse.Wrap => "ae",
        KeyUse.Mac => "mac",
        _ => throw new ArgumentOutOfRangeException(nameof(use)),
    };

    private static string[] Functions(KeyUse use) => use switch
    {
        KeyUse.Sign => ["keygen", "sign", "verify"],
        KeyUse.Encapsulate => ["keygen", "encapsulate", "decapsulate"],
        KeyUse.Wrap => ["keygen", "encrypt", "decrypt"],
        KeyUse.Mac => ["keygen", "tag", "verify"],
        _ => throw new ArgumentOutOfRangeException(nameof(use)),
    };

    /// <summary>The object identifier in a SubjectPublicKeyInfo of the algorithm, where there is such a form.</summary>
    private static string? OidOf(Algorithm algorithm)
    {
        byte[] info;
        try
        {
            info = algorithm.ExportSubjectPublicKeyInfo(new byte[algorithm.Id.PublicKeySize]);
        }
        catch (NotSupportedException)
        {
            return null;
        }

        return new AsnReader(info, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadObjectIdentifier();
    }

    private static JsonObject Property(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private sealed record Facts(string Name, string ParameterSet, int ClassicalBits, int QuantumCategory, string? Oid = null);
}
