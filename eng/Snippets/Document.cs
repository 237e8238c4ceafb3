using System.Text.RegularExpressions;

namespace RonKms.Snippets;

/// <summary>A Markdown file and its fenced code blocks.</summary>
/// <remarks>
/// How blocks are marked, by the words after the fence's three backticks:
/// <list type="bullet">
/// <item><c>csharp</c>: a whole top-level program; compiled and run. <c>RonKms</c> and the usual namespaces are imported.</item>
/// <item><c>csharp continued</c>: goes on where the C# block before it ended, with its variables.</item>
/// <item><c>csharp no-run</c>: compiled, not run; may be types alone.</item>
/// <item><c>bash</c>: run from the root of a copy of the repository; the blocks of one document share a copy.</item>
/// <item><c>bash no-run</c>: not run; the line above must be an HTML comment that says why.</item>
/// <item><c>bash needs=TOOL</c>: run where TOOL is installed; elsewhere skipped, and the summary says so, or refused where RONKMS_STRICT is 1.</item>
/// <item><c>text</c> under a line <c>&lt;!-- output of: CMD --&gt;</c>: what CMD prints, compared after <see cref="Mask"/>.</item>
/// </list>
/// Blocks of other languages are left alone.
/// </remarks>
internal sealed partial class Document
{
    private readonly string path;
    private readonly List<string> lines;

    public Document(string path)
    {
        this.path = path;
        lines = [.. File.ReadAllLines(path)];
    }

    /// <summary>Finds the blocks, in order.</summary>
    public List<Block> FindBlocks()
    {
        var blocks = new List<Block>();
        for (int i = 0; i < lines.Count; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                if (lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
                {
                    throw new InvalidDataException($"{path}:{i + 1}: an indented block would not be checked; begin its fences at the line's start");
                }
                continue;
            }
            int end = lines.FindIndex(i + 1, line => line.TrimEnd() == "```");
            if (end < 0)
            {
                throw new InvalidDataException($"{path}:{i + 1}: this block has no end");
            }
            string[] words = lines[i][3..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Match comment = CommentLine().Match(i == 0 ? "" : lines[i - 1]);
            blocks.Add(new Block(
                path,
                Line: i + 1,
                Language: words.FirstOrDefault("text"),
                Flags: words.Skip(1).ToHashSet(),
                Comment: comment.Success ? comment.Groups[1].Value : null,
                Lines: lines[(i + 1)..end]));
            i = end;
        }
        return blocks;
    }

    /// <summary>Places such as @NAME@ that somebody meant to fill in.</summary>
    public IEnumerable<(int Line, string Text)> FindPlaceholders() =>
        from line in lines.Index()
        from Match match in Placeholder().Matches(line.Item)
        select (line.Index + 1, match.Value);

    /// <summary>Puts another text into a block and writes the file.</summary>
    /// <param name="block">The block as it was found; the ones before it must be unchanged or already replaced.</param>
    /// <param name="text">The new text.</param>
    /// <returns>By how many lines everything below has moved.</returns>
    public int Replace(Block block, string text)
    {
        string[] fresh = text.Split('\n');
        lines.RemoveRange(block.Line, block.Lines.Count);
        lines.InsertRange(block.Line, fresh);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return fresh.Length - block.Lines.Count;
    }

    [GeneratedRegex("^<!-- (.+) -->$")]
    private static partial Regex CommentLine();

    [GeneratedRegex("@[A-Z]+@")]
    private static partial Regex Placeholder();
}

/// <summary>A fenced block.</summary>
/// <param name="Path">The file it is in.</param>
/// <param name="Line">The line of its opening fence, from 1.</param>
/// <param name="Language">The first word after the fence.</param>
/// <param name="Flags">The other words.</param>
/// <param name="Comment">The HTML comment on the line above, if there is one.</param>
/// <param name="Lines">What is between the fences.</param>
internal sealed record Block(
    string Path, int Line, string Language, IReadOnlySet<string> Flags, string? Comment, IReadOnlyList<string> Lines)
{
    public string Text => string.Join('\n', Lines);
}
