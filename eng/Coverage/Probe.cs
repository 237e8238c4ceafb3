namespace RonKms.Coverage;

/// <summary>One place whose running is noted: a statement, or one way out of a branch. Its number is its place in the file of hits.</summary>
/// <param name="IsBranch">Whether it is one way out of a branch.</param>
/// <param name="File">Its source file, from the repository's root.</param>
/// <param name="Method">The method that it was written in: that of a lambda, a local function or a state machine is the one around it.</param>
/// <param name="FirstLine">The statement's first line.</param>
/// <param name="LastLine">Its last line.</param>
internal sealed record Probe(bool IsBranch, string File, string Method, int FirstLine, int LastLine)
{
    internal string ToText() => string.Join('\t', IsBranch ? "branch" : "lines", File, Method, FirstLine, LastLine);

    internal static Probe Parse(string text)
    {
        string[] parts = text.Split('\t');
        return new Probe(parts[0] == "branch", parts[1], parts[2], int.Parse(parts[3]), int.Parse(parts[4]));
    }
}
