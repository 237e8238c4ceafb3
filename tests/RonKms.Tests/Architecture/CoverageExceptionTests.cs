using RonKms.Coverage;

namespace RonKms.Tests.Architecture;

/// <summary>An entry of eng/coverage-exceptions.txt excuses the line that it names, which did not run, and no other.</summary>
public sealed class CoverageExceptionTests
{
    private const string Path = "src/A/F.cs";

    private static readonly string[] s_source =
    [
        "Open()", "    return;", "    throw;", "    return;",
        "Close()", "    return;", "    Free(a: b);",
    ];

    // What ran: Open's first return.
    private readonly SourceFile _file = new(Path);

    public CoverageExceptionTests()
    {
        Add("Open", 2, ran: true);
        Add("Open", 3);
        Add("Open", 4);
        Add("Close", 6);
        Add("Close", 7);
    }

    [Theory]
    [InlineData("src/A/F.cs: Open: throw;", 3)]
    [InlineData("src/A/F.cs: Open: return; (2 of 2)", 4)]
    [InlineData("src/A/F.cs: Close: return;", 6)]
    [InlineData("src/A/F.cs: Close: Free(a: b);", 7)]
    [InlineData("src/A/F.cs: Close: *", 6, 7)]
    public void What_is_named_is_excepted_and_nothing_else(string entry, params int[] lines)
    {
        Assert.Empty(Apply("# why", entry));

        Assert.Equal(new[] { 3, 4, 6, 7 }.Except(lines), _file.Missed);
        Assert.Equal((5 - lines.Length, 1), (_file.Lines, _file.LinesRun));
    }

    [Theory]
    [InlineData("src/A/F.cs: Open: return;")]
    [InlineData("src/A/F.cs: Open: return; (1 of 2)")]
    [InlineData("src/A/F.cs: Open: return; (2 of 3)")]
    [InlineData("src/A/F.cs: Open: return; (3 of 2)")]
    [InlineData("src/A/F.cs: Open: return; (0 of 2)")]
    [InlineData("src/A/F.cs: Open: *")]
    [InlineData("src/A/F.cs: *")]
    [InlineData("src/A/F.cs: Close: throw;")]
    [InlineData("src/A/F.cs: Other: *")]
    [InlineData("src/A/F.cs: throw;")]
    [InlineData("src/A/G.cs: Open: throw;")]
    public void What_ran_what_is_not_there_and_what_could_be_several_is_an_error(string entry)
    {
        Assert.Equal(2, Assert.Single(Apply("# why", entry)).Line);

        Assert.Equal([3, 4, 6, 7], _file.Missed);
    }

    [Fact]
    public void A_line_is_excepted_once_and_for_a_reason()
    {
        Assert.Equal(3, Assert.Single(Apply("# why", "src/A/F.cs: Open: throw;", "src/A/F.cs: Open: throw;")).Line);
        Assert.Equal(3, Assert.Single(Apply("# why", "", "src/A/F.cs: Close: return;")).Line);
    }

    private void Add(string method, int line, bool ran = false) => _file.Add(new Probe(false, Path, method, line, line), ran);

    private List<(int Line, string File, string Wrong)> Apply(params string[] list) =>
        ExceptedLines.Apply(list, new Dictionary<string, SourceFile> { [Path] = _file }, _ => s_source);
}
