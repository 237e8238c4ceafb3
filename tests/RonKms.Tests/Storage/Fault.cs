namespace RonKms.Tests.Storage;

/// <summary>How an operation fails.</summary>
public enum Fault
{
    /// <summary>It is not done, and says so; later ones work.</summary>
    ErrorBefore,

    /// <summary>It is done by half and fails; later ones work.</summary>
    ErrorHalfway,

    /// <summary>It is done, and says that it failed; later ones work.</summary>
    ErrorAfter,

    /// <summary>The process ends before it.</summary>
    CrashBefore,

    /// <summary>The process ends in the middle of it.</summary>
    CrashHalfway,

    /// <summary>The process ends after it.</summary>
    CrashAfter,
}
