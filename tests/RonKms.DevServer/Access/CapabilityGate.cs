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
    private readonly ConcurrentDictionary<(UInt128 Left, UInt128 Right), bool> _genuine = new();

    internal MemoryRevocations Revocations { get; } = new(timeProvider: time);

    internal RequestRates Rates { get; } = new(time);

    internal IKeystore Keystore => keystore;

    /// <summary>Why a capability permits nothing, whatever is asked. None where that depends on the request, or where this text was found genuine before.</summary>
    /// <remarks>Every permission is decided anew. Without the memory each request would compute the chain twice: some 15 µs of 120.</remarks>
    internal CapabilityRefusal RefusalOfAll(string text, Macaroon capability, string tenant)
    {
        (UInt128, UInt128) digest = Digest(text);
        if (_genuine.ContainsKey(digest))
        {
            return CapabilityRefusal.None;
        }

        CapabilityVerifier verifier = new(keystore, new CapabilityVerifierOptions { TimeProvider = time, Revocations = Revocations });
        CapabilityRefusal refusal = verifier.Verify(capability, [], new CapabilityRequest(CapabilityScopes.Read, tenant)).Refusal;
        if (refusal is not (CapabilityRefusal.None or CapabilityRefusal.WrongScope or CapabilityRefusal.WrongAlgorithm or CapabilityRefusal.WrongKey or CapabilityRefusal.NonceNotChecked))
        {
            return refusal;
        }

        if (_genuine.Count >= MaxGenuine)
        {
            _genuine.Clear();
        }

        _genuine[digest] = true;
        return CapabilityRefusal.None;
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
