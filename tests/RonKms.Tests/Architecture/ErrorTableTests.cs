namespace RonKms.Tests.Architecture;

/// <summary>docs/README.md says where to read on for every error.</summary>
public sealed class ErrorTableTests
{
    private static readonly string[] s_rows =
    [
        .. File.ReadAllLines(Path.GetFullPath(Path.Combine(OwnVectors.Folder, "..", "..", "docs", "README.md")))
            .SkipWhile(line => line != "## When something is wrong")
            .TakeWhile(line => line != "## Reference")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)),
    ];

    [Fact]
    public void The_page_has_every_error() =>
        Assert.Equal([], Enum.GetNames<KmsError>().Where(error => !s_rows.Any(row => row.Split('|')[1].Contains($"`{error}`", StringComparison.Ordinal))));
}
