using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Capabilities;

namespace RonKms.DevServer.Access;

/// <summary>What is known of capabilities for as long as the harness runs. Thread-safe.</summary>
internal sealed class CapabilityGate(IKeystore keystore, TimeProvider time)
{
    private const int MaxGenuine = 4096;

    private readonly MemoryReplayCheck _replays = new(timeProvider: time);

    // By SHA-256, so that no time that a look-up takes tells of a text.
    private readonly ConcurrentDictionary<(UInt128 Left, UInt128 Right), (CapabilityId Id, DateTimeOffset End)> _genuine = new();

    internal MemoryRevocations Revocations { get; } = new(timeProvider: time);

    internal RequestRates Rates { get; } = new(time);

    internal IKeystore Keystore => keystore;

    /// <summary>Why a capability permits nothing, whatever is asked. None where that depends on the request.</summary>
    /// <remarks>
    /// Every permission is decided anew. Of a text that was found genuine only what time brings is looked at again: otherwise each request would compute the
    /// chain twice, some 15 µs of 120.
    /// </remarks>
    internal CapabilityRefusal RefusalOfAll(string text, Macaroon capability, string tenant)
    {
        (UInt128, UInt128) digest = Digest(text);
        if (_genuine.TryGetValue(digest, out (CapabilityId Id, DateTimeOffset End) found))
        {
            return Revocations.IsRevoked(found.Id) ? CapabilityRefusal.Revoked
                : time.GetUtcNow() >= found.End ? CapabilityRefusal.Expired
                : CapabilityRefusal.None;
        }

        CapabilityVerifier verifier = new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations });
        CapabilityDecision decision = verifier.Verify(capability, [], new CapabilityRequest(CapabilityScopes.Read, tenant));
        if (decision.IsAllowed)
        {
            if (_genuine.Count >= MaxGenuine)
            {
                _genuine.Clear();
            }

            _genuine[digest] = (decision.Id!, decision.ExpiresAt!.Value);
        }

        return decision.Refusal is CapabilityRefusal.WrongScope or CapabilityRefusal.WrongAlgorithm or CapabilityRefusal.WrongKey or CapabilityRefusal.NonceNotChecked
            ? CapabilityRefusal.None
            : decision.Refusal;
    }

    /// <summary>What decides for one request, however many keys that names.</summary>
    internal CapabilityVerifier VerifierOfOneRequest() =>
        new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations, ReplayCheck = new OneRequestReplay(_replays) });

    private static (UInt128 Left, UInt128 Right) Digest(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), digest);
        return (MemoryMarshal.Read<UInt128>(digest), MemoryMarshal.Read<UInt128>(digest[(digest.Length / 2)..]));
    }
}
