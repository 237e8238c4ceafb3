using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.Architecture;

/// <summary>docs/cbom.cdx.json lists the algorithms that the packages bring, for who has to account for them.</summary>
public sealed class CryptographyBomTests
{
    private const string Update = "RONKMS_UPDATE_CBOM";
    private static readonly string s_path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "docs", "cbom.cdx.json"));

    private static AlgorithmCatalog Catalog => new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed).Algorithms;

    [Fact]
    public void The_list_in_the_documentation_is_that_of_the_catalog()
    {
        string actual = CryptographyBom.Write(Catalog);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), $"CI compares and writes nothing: unset {Update}.");
            File.WriteAllText(s_path, actual);
        }

        Assert.True(File.ReadAllText(s_path) == actual, $"{s_path} is not what the catalog gives: run this test with {Update}=1 and have the difference reviewed.");
    }

    [Fact]
    public void It_names_each_algorithm_of_the_format_once()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(s_path));
        IEnumerable<string> listed = document.RootElement.GetProperty("components").EnumerateArray().Select(component => component
            .GetProperty("properties").EnumerateArray().Single(property => property.GetProperty("name").GetString() == "ronkms:name")
            .GetProperty("value").GetString()!);

        Assert.Equal(KeyAlgorithm.All.Select(algorithm => algorithm.Name).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ed25519", "1.3.101.112")]
    [InlineData("mldsa65", "2.16.840.1.101.3.4.3.18")]
    [InlineData("mlkem768", "2.16.840.1.101.3.4.4.2")]
    [InlineData("slhdsa-shake-256f", "2.16.840.1.101.3.4.3.31")]
    [InlineData("xwing", "1.3.6.1.4.1.62253.25722")]
    [InlineData("composite-mldsa65-ed25519", "1.3.6.1.5.5.7.6.48")]
    public void It_gives_the_object_identifiers_of_the_standards(string name, string oid)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(s_path));
        JsonElement component = document.RootElement.GetProperty("components").EnumerateArray()
            .Single(component => component.GetProperty("bom-ref").GetString() == "algorithm/" + name);

        Assert.Equal(oid, component.GetProperty("cryptoProperties").GetProperty("oid").GetString());
    }
}
