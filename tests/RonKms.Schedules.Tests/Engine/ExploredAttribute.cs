namespace RonKms.Schedules.Engine;

/// <summary>A scenario: a static method that makes a <see cref="Trial"/>.</summary>
/// <param name="preemptions">With how many preemptions its schedules are tried in every run.</param>
/// <param name="nightly">And with how many by night.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ExploredAttribute(int preemptions, int nightly) : Attribute
{
    internal int Preemptions => preemptions;

    internal int Nightly => nightly;
}
