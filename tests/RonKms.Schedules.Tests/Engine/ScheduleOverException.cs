namespace RonKms.Schedules.Engine;

/// <summary>Ends a thread that would wait for ever in a schedule that has failed.</summary>
internal sealed class ScheduleOverException() : Exception("The schedule is over.");
