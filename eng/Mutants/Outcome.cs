namespace RonKms.Mutants;

/// <summary>What became of a mutant.</summary>
internal enum Outcome
{
    /// <summary>A test failed, or the process of the tests ended.</summary>
    Killed,

    /// <summary>The tests did not end.</summary>
    TimedOut,

    /// <summary>Every test passed.</summary>
    Survived,
}
