namespace RonKms.Schedules.Engine;

/// <summary>A step that a thread of a trial took.</summary>
/// <param name="Thread">Which thread.</param>
/// <param name="What">What it did.</param>
/// <param name="Lock">With which lock, counted as they come up; 0 for none.</param>
/// <param name="IsChosen">Whether others could have gone on in its place.</param>
internal readonly record struct TakenStep(int Thread, string What, int Lock = 0, bool IsChosen = false)
{
    public override string ToString() => $"{(char)('A' + Thread)}  {What}{(Lock == 0 ? "" : $" (lock {Lock})")}";
}
