namespace RonKms.DevServer.Problems;

/// <summary>Ends a request with a problem. Holds nothing of what the request said but the names of fields, and the key's.</summary>
#pragma warning disable CA1032 // Made with what it is made of, nowhere else.
internal sealed class ProblemException(Problem problem, KeyId? key = null) : Exception(problem.Title)
{
    internal Problem Problem { get; } = problem;

    /// <summary>Which key it was about; for the log.</summary>
    internal KeyId? Key { get; } = key;
}
