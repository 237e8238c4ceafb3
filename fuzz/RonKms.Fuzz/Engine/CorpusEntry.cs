namespace RonKms.Fuzz.Engine;

/// <summary>An input that did something new.</summary>
/// <param name="bytes">The input.</param>
/// <param name="newEdges">How many edges it was the first to take.</param>
internal sealed class CorpusEntry(byte[] bytes, int newEdges)
{
    internal byte[] Bytes => bytes;

    /// <summary>How often it was chosen, for what it and its descendants found: the least is chosen next.</summary>
    internal double Spent => (double)Chosen / (1 + (4 * newEdges) + Found);

    /// <summary>How often it was changed.</summary>
    internal int Chosen { get; set; }

    /// <summary>How many inputs made of it did something new.</summary>
    internal int Found { get; set; }
}
