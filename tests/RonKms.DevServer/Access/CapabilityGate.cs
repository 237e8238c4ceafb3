using RonKms.Capabilities;

namespace RonKms.DevServer.Access;

/// <summary>What is known of capabilities for as long as the harness runs. Thread-safe.</summary>
internal sealed class CapabilityGate(IKeystore keystore, TimeProvider time)
{
    private readonly MemoryReplayCheck _replays = new(timeProvider: time);

    internal MemoryRevocations Revocations { get; } = new(timeProvider: time);

    internal RequestRates Rates { get; } = new(time);

    internal IKeystore Keystore => keystore;

    /// <summary>What decides for one request, however many keys that names.</summary>
    internal CapabilityVerifier VerifierOfOneRequest() =>
        new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations, ReplayCheck = new OneRequestReplay(_replays) });
}
