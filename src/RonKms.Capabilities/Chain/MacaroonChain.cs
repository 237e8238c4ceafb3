using System.Security.Cryptography;

namespace RonKms.Capabilities.Chain;

/// <summary>Verifies the signatures of a macaroon and of its discharges, and collects what they ask for. For one verification.</summary>
/// <remarks>Each discharge is used exactly once, which bounds the work and the depth. Source: libmacaroons, macaroons.c.</remarks>
internal sealed class MacaroonChain(Macaroon root, IReadOnlyList<Macaroon> discharges)
{
    private readonly bool[] _used = new bool[discharges.Count];
    private readonly List<ReadOnlyMemory<byte>> _predicates = [];

    /// <summary>The first-party caveats of all of them. Only to be looked at where everything verified.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Predicates => _predicates;

    /// <summary>Verifies everything.</summary>
    /// <param name="first">The signature of the root macaroon's identifier.</param>
    internal CapabilityRefusal Verify(ReadOnlySpan<byte> first)
    {
        CapabilityRefusal refusal = Verify(root, first);
        return refusal == CapabilityRefusal.None && _used.Contains(false) ? CapabilityRefusal.DischargeNotAsked : refusal;
    }

    private CapabilityRefusal Verify(Macaroon macaroon, ReadOnlySpan<byte> first)
    {
        Span<byte> signature = stackalloc byte[MacaroonHash.Size];
        try
        {
            first.CopyTo(signature);
            foreach (MacaroonCaveat caveat in macaroon.Caveats)
            {
                caveat.Link(signature);
            }

            if (!ReferenceEquals(macaroon, root))
            {
                MacaroonHash.Bind(root.Signature, signature, signature);
            }

            if (!CryptographicOperations.FixedTimeEquals(signature, macaroon.Signature))
            {
                return ReferenceEquals(macaroon, root) ? CapabilityRefusal.BadSignature : CapabilityRefusal.BadDischarge;
            }

            // Again, now that the caveats are known to be genuine: a third party's key is encrypted under the signature before its caveat.
            first.CopyTo(signature);
            foreach (MacaroonCaveat caveat in macaroon.Caveats)
            {
                if (!caveat.IsThirdParty)
                {
                    _predicates.Add(caveat.Identifier);
                }
                else if (VerifyDischarge(caveat, signature) is var refusal and not CapabilityRefusal.None)
                {
                    return refusal;
                }

                caveat.Link(signature);
            }

            return CapabilityRefusal.None;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(signature);
        }
    }

    private CapabilityRefusal VerifyDischarge(MacaroonCaveat caveat, ReadOnlySpan<byte> signature)
    {
        int at = -1;
        for (int i = 0; i < discharges.Count; i++)
        {
            if (discharges[i].Identifier.Span.SequenceEqual(caveat.Identifier.Span))
            {
                if (at >= 0)
                {
                    return CapabilityRefusal.BadDischarge;
                }

                at = i;
            }
        }

        if (at < 0 || _used[at])
        {
            return CapabilityRefusal.MissingDischarge;
        }

        _used[at] = true;
        Span<byte> link = stackalloc byte[MacaroonHash.Size];
        try
        {
            if (!VerificationId.TryOpen(caveat.VerificationId.Span, signature, link))
            {
                return CapabilityRefusal.BadDischarge;
            }

            MacaroonHash.Link(link, discharges[at].Identifier.Span, link);
            return Verify(discharges[at], link);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(link);
        }
    }
}
