namespace RonKms.Tests.Storage;

/// <summary>File operations of which one fails.</summary>
internal sealed class FaultyFiles(int failing, Fault fault) : InterceptedFiles
{
    private int _count;

    /// <summary>Whether operations are counted, and one of them fails.</summary>
    internal bool IsArmed { get; set; } = true;

    /// <summary>How many operations were counted.</summary>
    internal int Count => _count;

    /// <summary>Whether the operation that failed can fail in this way: most cannot be done by half.</summary>
    internal bool CouldFail { get; private set; } = true;

    /// <summary>Whether the operation that fails was reached.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Whether nothing is done any more once one operation failed.</summary>
    internal bool IsCrash => fault is Fault.CrashBefore or Fault.CrashHalfway or Fault.CrashAfter;

    /// <summary>What failed, for messages.</summary>
    internal string Failed { get; private set; } = "nothing";

    protected override void Intercept(string name, string path, Action operation, Action? half)
    {
        if (HasFailed && IsCrash) throw Failure("the process is gone");
        if (!IsArmed || HasFailed || ++_count != failing)
        {
            operation();
            return;
        }

        HasFailed = true;
        Failed = $"{name} {path}";
        switch (fault)
        {
            case Fault.ErrorAfter or Fault.CrashAfter:
                operation();
                break;
            case Fault.ErrorHalfway or Fault.CrashHalfway:
                half?.Invoke();
                CouldFail = half is not null;
                break;
        }

        throw Failure(Failed);
    }

    private static KmsException Failure(string what) => new(KmsError.StoreFailed, $"Injected: {what}.", new IOException("Injected."));
}
