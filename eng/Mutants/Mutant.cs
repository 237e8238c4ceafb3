using System.Security.Cryptography;
using System.Text;

namespace RonKms.Mutants;

/// <summary>One small change of the library's compiled code.</summary>
/// <param name="Suite">The tests that ought to notice.</param>
/// <param name="File">The source file, from the repository's root.</param>
/// <param name="Line">Its line.</param>
/// <param name="Text">That line's text.</param>
/// <param name="Change">What is changed.</param>
/// <param name="Number">Which of the equal changes of equal lines in the file, from 0.</param>
/// <param name="Method">The token of the method.</param>
/// <param name="Instruction">The instruction's place in it, short forms made long.</param>
/// <param name="Variant">Which of the instruction's changes.</param>
internal sealed record Mutant(TestSuite Suite, string File, int Line, string Text, string Change, int Number, uint Method, int Instruction, int Variant)
{
    /// <summary>What it is, whatever lines are added above it.</summary>
    internal string Id { get; } = Hash($"{File}|{Text}|{Change}|{Number}")[..12];

    /// <summary>Its place in the order of a seed, which depends on nothing but the two.</summary>
    internal string Rank(string seed) => Hash($"{seed}|{File}|{Text}|{Change}|{Number}");

    public override string ToString() => $"{Id} {File}:{Line} {Change}: {Text}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
