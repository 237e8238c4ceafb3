namespace RonKms.Tests.Keystores;

/// <summary>Writes down what a guard sees, and does what a test tells it to.</summary>
internal sealed class RecordingGuard : IOperationGuard
{
    private readonly Lock _lock = new();
    private readonly List<(string Phase, KmsOperation Operation, KmsError? Failure)> _seen = [];

    /// <summary>What was seen, in order.</summary>
    public IReadOnlyList<(string Phase, KmsOperation Operation, KmsError? Failure)> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Done in <see cref="Before"/> once it was written down.</summary>
    public Action<KmsOperation>? OnBefore { get; set; }

    /// <summary>Done in <see cref="After"/> once it was written down.</summary>
    public Action<KmsOperation, KmsError?>? OnAfter { get; set; }

    public IEnumerable<KmsOperation> Begun => Seen.Where(seen => seen.Phase == "before").Select(seen => seen.Operation);

    public IEnumerable<(KmsOperation Operation, KmsError? Failure)> Ended =>
        Seen.Where(seen => seen.Phase == "after").Select(seen => (seen.Operation, seen.Failure));

    public void Before(in KmsOperation op)
    {
        Write("before", op, null);
        OnBefore?.Invoke(op);
    }

    public void After(in KmsOperation op, KmsError? failure)
    {
        Write("after", op, failure);
        OnAfter?.Invoke(op, failure);
    }

    public void Forget()
    {
        lock (_lock)
        {
            _seen.Clear();
        }
    }

    private void Write(string phase, KmsOperation op, KmsError? failure)
    {
        lock (_lock)
        {
            _seen.Add((phase, op, failure));
        }
    }
}
