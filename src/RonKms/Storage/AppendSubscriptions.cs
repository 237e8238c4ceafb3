namespace RonKms.Storage;

/// <summary>Those who asked to be told of new lines.</summary>
internal sealed class AppendSubscriptions
{
    private readonly Lock _changing = new();
    private volatile Action<long>[] _callbacks = [];

    internal IDisposable Add(Action<long> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);

        // An object of its own, so that the same callback may be added twice and each removal removes one.
        Action<long> own = new(callback);
        lock (_changing) _callbacks = [.. _callbacks, own];
        return new Subscription(this, own);
    }

    internal void Tell(long headSeq)
    {
        foreach (Action<long> callback in _callbacks)
        {
            try
            {
                callback(headSeq);
            }
            catch (Exception)
            {
                // The lines are durable: whoever appended them must not take another's fault for a failed write.
            }
        }
    }

    private void Remove(Action<long> callback)
    {
        lock (_changing) _callbacks = [.. _callbacks.Where(one => !ReferenceEquals(one, callback))];
    }

    private sealed class Subscription(AppendSubscriptions owner, Action<long> callback) : IDisposable
    {
        public void Dispose() => owner.Remove(callback);
    }
}
