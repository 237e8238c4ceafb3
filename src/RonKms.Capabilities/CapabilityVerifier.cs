using System.Text;
using RonKms.Capabilities.Chain;

namespace RonKms.Capabilities;

/// <summary>Says whether a capability permits a request. Thread-safe.</summary>
/// <remarks>Uses the same secret as the issuer, so what can verify can also make capabilities: both belong where the keystore is.</remarks>
public sealed class CapabilityVerifier
{
    /// <summary>The most discharges that come with a capability.</summary>
    public const int MaxDischarges = 16;

    // A KeyId has at most 64 + 64 characters of names; the rest of an id is shorter than this.
    private const int MaxIdLength = 256;

    private readonly ICapabilityRoots _keystore;
    private readonly TimeProvider _time;
    private readonly ICapabilityRevocations? _revocations;
    private readonly ICapabilityReplayCheck? _replayCheck;

    /// <summary>Makes a verifier.</summary>
    /// <param name="keystore">The keystore that the capabilities begin with. It stays the caller's.</param>
    /// <param name="options">What else it asks.</param>
    public CapabilityVerifier(ICapabilityRoots keystore, CapabilityVerifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(keystore);
        options ??= new CapabilityVerifierOptions();
        ArgumentNullException.ThrowIfNull(options.TimeProvider, nameof(options));
        _keystore = keystore;
        _time = options.TimeProvider;
        _revocations = options.Revocations;
        _replayCheck = options.ReplayCheck;
    }

    /// <summary>Says whether a capability permits a request.</summary>
    /// <param name="macaroon">The capability.</param>
    /// <param name="discharges">What third parties gave for it, bound by <see cref="Macaroon.BindDischarge"/>.</param>
    /// <param name="request">What is asked for.</param>
    /// <returns>The decision. No macaroon, however it is made, leads to an exception.</returns>
    /// <exception cref="KmsException">The keystore could not answer, or a guard stopped it; the request is not permitted.</exception>
    public CapabilityDecision Verify(Macaroon macaroon, IReadOnlyList<Macaroon> discharges, CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(macaroon);
        ArgumentNullException.ThrowIfNull(discharges);
        ArgumentNullException.ThrowIfNull(request);
        if (discharges.Count > MaxDischarges)
        {
            return new CapabilityDecision(CapabilityRefusal.TooManyDischarges);
        }

        ReadOnlySpan<byte> identifier = macaroon.Identifier.Span;
        if (identifier.Length > MaxIdLength || !Ascii.IsValid(identifier) || !CapabilityId.TryParse(Encoding.ASCII.GetString(identifier), out CapabilityId? id))
        {
            return new CapabilityDecision(CapabilityRefusal.UnknownKey);
        }

        MacaroonChain chain = new(macaroon, [.. discharges]);
        CapabilityRefusal refusal = VerifyChain(chain, id);
        return refusal == CapabilityRefusal.None ? Judge(chain.Predicates, id, request) : new CapabilityDecision(refusal);
    }

    private CapabilityRefusal VerifyChain(MacaroonChain chain, CapabilityId id)
    {
        try
        {
            using SecretBytes root = _keystore.ComputeCapabilityRoot(id);
            return chain.Verify(root.Reveal());
        }
        catch (KmsException e) when (e.Error == KmsError.NoSuchKey)
        {
            return CapabilityRefusal.UnknownKey;
        }
        catch (KmsException e) when (e.Error is KmsError.KeyDisabled or KmsError.KeyDestroyed)
        {
            return CapabilityRefusal.KeyWithdrawn;
        }
    }

    private CapabilityDecision Judge(IReadOnlyList<ReadOnlyMemory<byte>> predicates, CapabilityId id, CapabilityRequest request)
    {
        DateTimeOffset now = _time.GetUtcNow();
        List<CapabilityCaveat> caveats = [];
        foreach (ReadOnlyMemory<byte> predicate in predicates)
        {
            if (!CapabilityCaveat.TryParse(predicate.Span, out CapabilityCaveat? caveat))
            {
                return new CapabilityDecision(CapabilityRefusal.UnknownCaveat);
            }

            if (caveat.Judge(request, now) is var refusal and not CapabilityRefusal.None)
            {
                return new CapabilityDecision(refusal);
            }

            caveats.Add(caveat);
        }

        bool Has(CapabilityCaveatKind kind) => caveats.Exists(caveat => caveat.Kind == kind);
        if (!Has(CapabilityCaveatKind.Tenant) || !Has(CapabilityCaveatKind.Scope) || !Has(CapabilityCaveatKind.Expiry))
        {
            return new CapabilityDecision(CapabilityRefusal.Unbounded);
        }

        if (_revocations?.IsRevoked(id) == true)
        {
            return new CapabilityDecision(CapabilityRefusal.Revoked);
        }

        DateTimeOffset end = caveats.Where(caveat => caveat.Kind == CapabilityCaveatKind.Expiry).Min(caveat => caveat.NotAfter);

        // Its issuer's own, which everything made from it carries; a later one may be a holder's, who has the capability without it too.
        DateTimeOffset idEnd = caveats.First(caveat => caveat.Kind == CapabilityCaveatKind.Expiry).NotAfter;
        if (UseNonce(caveats, id, idEnd) is var replay and not CapabilityRefusal.None)
        {
            return new CapabilityDecision(replay);
        }

        int? rate = caveats.Where(caveat => caveat.Kind == CapabilityCaveatKind.Rate).Min(caveat => (int?)caveat.Rate);
        return new CapabilityDecision(id, idEnd, end, rate);
    }

    /// <summary>Last of all, so that a request which is refused for another reason uses nothing up.</summary>
    private CapabilityRefusal UseNonce(List<CapabilityCaveat> caveats, CapabilityId id, DateTimeOffset idEnd)
    {
        string[] nonces = [.. caveats.Where(caveat => caveat.Kind == CapabilityCaveatKind.Nonce).Select(caveat => caveat.Label!).Distinct(StringComparer.Ordinal)];
        return nonces.Length == 0 ? CapabilityRefusal.None
            : nonces.Length > 1 || _replayCheck is null ? CapabilityRefusal.NonceNotChecked
            : _replayCheck.TryUse(id, nonces[0], idEnd) ? CapabilityRefusal.None
            : CapabilityRefusal.Replayed;
    }
}
