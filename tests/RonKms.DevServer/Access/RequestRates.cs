using System.Collections.Concurrent;
using RonKms.Capabilities;

namespace RonKms.DevServer.Access;

/// <summary>Counts the requests of each second under a capability and all that was made from it. Thread-safe.</summary>
/// <remarks>Holds one number for each capability that was minted here and used: no more than there are tenants.</remarks>
internal sealed class RequestRates(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, (long Second, int Count)> _counts = new();

    /// <summary>Whether one more fits into this second.</summary>
    internal bool TryCount(CapabilityDecision decision)
    {
        long second = time.GetUtcNow().ToUnixTimeSeconds();
        (_, int count) = _counts.AddOrUpdate(
            decision.Id!.Serial,
            static (_, now) => (now, 1),
            static (_, counted, now) => counted.Second == now ? (now, counted.Count + 1) : (now, 1),
            second);
        return count <= (decision.RequestsPerSecond ?? int.MaxValue);
    }
}
