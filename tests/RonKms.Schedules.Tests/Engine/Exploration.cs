namespace RonKms.Schedules.Engine;

/// <summary>What came of an exploration.</summary>
/// <param name="Schedules">How many schedules were tried, each counted once.</param>
/// <param name="Preemptions">How many preemptions the last of them could have.</param>
/// <param name="IsWhole">Whether there is no other schedule with so few preemptions.</param>
/// <param name="Failure">What went wrong; <see langword="null"/> for nothing.</param>
/// <param name="Schedule">The schedule in which it did, to be replayed.</param>
internal sealed record Exploration(int Schedules, int Preemptions, bool IsWhole, string? Failure, string? Schedule)
{
    /// <summary>Up to how many preemptions there is no other schedule.</summary>
    internal int WholeTo => IsWhole ? Preemptions : Preemptions - 1;
}
