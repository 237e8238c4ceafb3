using RonKms.Capabilities;

namespace RonKms.DevServer.Access;

/// <summary>What is known of capabilities for as long as the harness runs. Thread-safe.</summary>
internal sealed class CapabilityGate(IKeystore keystore, TimeProvider time)
{
    private readonly MemoryReplayCheck _replays = new(timeProvider: time);

    internal MemoryRevocations Revocations { get; } = new(timeProvider: time);

    internal RequestRates Rates { get; } = new(time);

    internal IKeystore Keystore => keystore;

    /// <summary>Why a capability permits nothing, whatever is asked. None where that depends on the request.</summary>
    internal CapabilityRefusal RefusalOfAll(Macaroon capability, string tenant)
    {
        CapabilityVerifier verifier = new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations });
        CapabilityRefusal refusal = verifier.Verify(capability, [], new CapabilityRequest(CapabilityScopes.Read, tenant)).Refusal;
        return refusal is CapabilityRefusal.WrongScope or CapabilityRefusal.WrongAlgorithm or CapabilityRefusal.WrongKey or CapabilityRefusal.NonceNotChecked
            ? CapabilityRefusal.None
            : refusal;
    }

    /// <summary>What decides for one request, however many keys that names.</summary>
    internal CapabilityVerifier VerifierOfOneRequest() =>
        new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations, ReplayCheck = new OneRequestReplay(_replays) });
}
