namespace RonKms.Tests.Keystores;

/// <summary>Tests that change or watch what the whole process shares: the environment, activities. They run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWide
{
    public const string Name = "process-wide";
}
