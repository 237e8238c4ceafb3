namespace RonKms.Schedules.Engine;

/// <summary>A scenario: a static method that makes a <see cref="Trial"/>.</summary>
/// <param name="preemptions">With up to how many preemptions all its schedules are tried in every run.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ExploredAttribute(int preemptions) : Attribute
{
    internal int Preemptions => preemptions;
}
