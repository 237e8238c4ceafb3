using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>What a diagram of docs/diagrams says, as far as tests compare it with the code.</summary>
internal sealed partial class Diagram
{
    private readonly string _text;

    private Diagram(string text) => _text = text;

    /// <summary>The solid arrows, of flowcharts and between states.</summary>
    internal IEnumerable<(string From, string To, string Label, int Depth)> LabelledArrows =>
        from Match match in Arrow().Matches(_text)
        select (match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value, match.Groups[1].Length);

    /// <summary>The solid arrows without their labels.</summary>
    internal IEnumerable<(string From, string To)> Arrows => LabelledArrows.Select(arrow => (arrow.From, arrow.To));

    /// <summary>The participants of a sequence that are types: those that have no other label.</summary>
    internal IEnumerable<string> Participants => Participant().Matches(_text).Select(match => match.Groups[1].Value);

    /// <summary>The methods that a sequence's messages name, with the participant that they go to.</summary>
    internal IEnumerable<(string To, string Method)> Calls =>
        from Match message in Message().Matches(_text)
        from Match call in Call().Matches(message.Groups[2].Value)
        select (message.Groups[1].Value, call.Groups[1].Value);

    internal static Diagram Read(string name) => new(File.ReadAllText(Repository.PathOf("docs", "diagrams", name + ".mmd")));

    [GeneratedRegex(@"^( *)(\w+|\[\*\]) --> (\w+)(?:: (.+))?$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"^ *participant (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Participant();

    [GeneratedRegex(@"^ *\w+-?->>(\w+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Message();

    [GeneratedRegex(@"(\w+)\(\)")]
    private static partial Regex Call();
}
