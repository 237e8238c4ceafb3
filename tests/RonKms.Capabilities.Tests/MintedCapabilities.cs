using RonKms.Testing;

namespace RonKms.Capabilities.Tests;

/// <summary>A keystore with a capability key, its issuer, and a clock.</summary>
internal sealed class MintedCapabilities : IDisposable
{
    internal static readonly KeyId Key = KeyId.Parse("acme/signing/ed25519/1fa80c9d-2575-43a5-b91d-d99c5f6e0bf3#v3");

    internal MintedCapabilities()
    {
        Keystore = Keystore.InMemory(new KeystoreOptions { TimeProvider = Clock });
        CapabilityKey = Keystore.CreateCapabilityKey();
        Issuer = new CapabilityIssuer(Keystore, timeProvider: Clock);
        Replay = new MemoryReplayCheck(timeProvider: Clock);
        Revocations = new MemoryRevocations(timeProvider: Clock);
        Verifier = new CapabilityVerifier(Keystore, new() { TimeProvider = Clock, ReplayCheck = Replay, Revocations = Revocations });
    }

    internal ManualTimeProvider Clock { get; } = new();

    internal Keystore Keystore { get; }

    internal KeyId CapabilityKey { get; }

    internal CapabilityIssuer Issuer { get; }

    internal MemoryReplayCheck Replay { get; }

    internal MemoryRevocations Revocations { get; }

    internal CapabilityVerifier Verifier { get; }

    internal DateTimeOffset InAnHour => Clock.GetUtcNow().AddHours(1);

    /// <summary>A capability of tenant acme to sign and read for an hour, with more conditions.</summary>
    internal Macaroon Mint(params CapabilityCaveat[] more) => Issuer.Mint(
        [CapabilityCaveat.ForTenant("acme"), CapabilityCaveat.ForScopes(CapabilityScopes.Sign | CapabilityScopes.Read), CapabilityCaveat.ExpiresAt(InAnHour), .. more]);

    internal CapabilityDecision Ask(Macaroon macaroon, params Macaroon[] discharges) => Verifier.Verify(macaroon, discharges, new CapabilityRequest(CapabilityScopes.Sign, Key));

    internal CapabilityDecision Ask(Macaroon macaroon, CapabilityRequest request) => Verifier.Verify(macaroon, [], request);

    public void Dispose() => Keystore.Dispose();
}
