namespace RonKms.Fuzz.Engine;

/// <summary>What came of fuzzing a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Executions">How many inputs were run.</param>
/// <param name="Edges">How many edges they took.</param>
/// <param name="CorpusSize">How many of them did something new.</param>
/// <param name="Time">How long it took, with the start of the process.</param>
internal sealed record FuzzResult(FuzzTarget Target, long Executions, int Edges, int CorpusSize, TimeSpan Time)
{
    /// <summary>What went wrong; <see langword="null"/> where nothing did.</summary>
    internal string? Crash { get; init; }

    /// <summary>The input that it went wrong with.</summary>
    internal byte[] Input { get; init; } = [];

    public override string ToString() =>
        $"{Target.Name}: {Executions} executions ({Executions / Math.Max(0.001, Time.TotalSeconds):F0} a second), {Edges} edges, corpus {CorpusSize}";
}
