using System.Text;

namespace RonKms.Capabilities;

/// <summary>Makes capabilities. Each is for a tenant, for something, and for a time. Thread-safe.</summary>
/// <remarks>How many are made, and for whom, is the caller's to limit, by a guard on the keystore or before it calls.</remarks>
public sealed class CapabilityIssuer
{
    private readonly ICapabilityRoots _keystore;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxLifetime;

    /// <summary>Makes an issuer.</summary>
    /// <param name="keystore">The keystore, which must have a capability key (<see cref="ICapabilityRoots.CreateCapabilityKey"/>). It stays the caller's.</param>
    /// <param name="maxLifetime">The longest that a capability lives; 24 hours without one.</param>
    /// <param name="timeProvider">The clock; the system's without one.</param>
    public CapabilityIssuer(ICapabilityRoots keystore, TimeSpan? maxLifetime = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(keystore);
        _maxLifetime = maxLifetime ?? TimeSpan.FromHours(24);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_maxLifetime, TimeSpan.Zero, nameof(maxLifetime));
        _keystore = keystore;
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Makes a capability.</summary>
    /// <param name="caveats">Its conditions, at most <see cref="Macaroon.MaxCaveats"/>: at least one tenant, one scope and one expiry, which is later than now
    /// and within the longest lifetime.</param>
    /// <returns>The capability: a bearer token.</returns>
    /// <exception cref="ArgumentException">A condition is missing, or an expiry is not in the time allowed.</exception>
    /// <exception cref="KmsException">As for <see cref="ICapabilityRoots.BeginCapability"/>.</exception>
    public Macaroon Mint(params ReadOnlySpan<CapabilityCaveat> caveats)
    {
        CapabilityCaveat[] given = caveats.ToArray();
        Require(given.Length <= Macaroon.MaxCaveats && !given.Contains(null), $"at most {Macaroon.MaxCaveats} conditions, none of them null");
        Require(given.Any(caveat => caveat.Kind == CapabilityCaveatKind.Tenant), "a tenant");
        Require(given.Any(caveat => caveat.Kind == CapabilityCaveatKind.Scope), "a scope");
        DateTimeOffset[] expiries = [.. given.Where(caveat => caveat.Kind == CapabilityCaveatKind.Expiry).Select(caveat => caveat.NotAfter)];
        DateTimeOffset now = _time.GetUtcNow();
        Require(
            expiries.Length > 0 && expiries.Min() > now && expiries.Max() - now <= _maxLifetime,
            $"an expiry later than now and at most {_maxLifetime} from now");

        MacaroonCaveat[] links = [.. given.Select(caveat => new MacaroonCaveat(Encoding.ASCII.GetBytes(caveat.ToString())))];

        // What the chain begins with permits everything, so it is never a macaroon of its own.
        using SecretBytes root = _keystore.BeginCapability(out CapabilityId id);
        foreach (MacaroonCaveat caveat in links)
        {
            caveat.Link(root.Reveal());
        }

        return Macaroon.FromChain(Encoding.ASCII.GetBytes(id.ToString()), links, root.Reveal(), nameof(caveats));

        static void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new ArgumentException($"A capability needs {what}.", nameof(caveats));
            }
        }
    }
}
