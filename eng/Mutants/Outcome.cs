namespace RonKms.Mutants;

/// <summary>What became of a mutant.</summary>
internal enum Outcome
{
    /// <summary>A test failed.</summary>
    TestFailed,

    /// <summary>The process of the tests ended while they ran.</summary>
    ProcessEnded,

    /// <summary>The tests did not end.</summary>
    TimedOut,

    /// <summary>Every test passed.</summary>
    Survived,

    /// <summary>The tests did not begin, or none of them ran: this says nothing of the mutant.</summary>
    Broken,
}
