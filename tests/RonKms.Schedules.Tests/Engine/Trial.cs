namespace RonKms.Schedules.Engine;

/// <summary>What is tried in every schedule: made anew for each, by one thread that is under no control.</summary>
/// <param name="threads">What each thread does. An exception that leaves it is a failure.</param>
internal sealed class Trial(params Action[] threads)
{
    internal IReadOnlyList<Action> Threads => threads;

    /// <summary>What must hold once all have ended; throws where it does not.</summary>
    internal Action? Check { get; init; }

    /// <summary>Frees what was made, also after a failure.</summary>
    internal Action? Clean { get; init; }

    /// <summary>Whether the accesses of plain fields are steps, too, and not only what synchronises.</summary>
    internal bool StepsAtFields { get; init; }
}
