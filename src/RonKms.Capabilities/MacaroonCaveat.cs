using RonKms.Capabilities.Chain;

namespace RonKms.Capabilities;

/// <summary>A caveat as a macaroon carries it: a condition, or a third party that must agree. Immutable and thread-safe.</summary>
public sealed class MacaroonCaveat
{
    internal MacaroonCaveat(byte[] identifier, byte[]? verificationId = null, string? location = null)
    {
        Identifier = identifier;
        VerificationId = verificationId;
        Location = location;
    }

    /// <summary>The condition; of a third-party caveat what its discharge must be called.</summary>
    public ReadOnlyMemory<byte> Identifier { get; }

    /// <summary>Of a third-party caveat the key of its discharge, encrypted; otherwise empty.</summary>
    public ReadOnlyMemory<byte> VerificationId { get; }

    /// <summary>Of a third-party caveat where its discharge can be had, if that is told. A hint: it is not authenticated.</summary>
    public string? Location { get; }

    /// <summary>Whether a third party must agree.</summary>
    public bool IsThirdParty => !VerificationId.IsEmpty;

    /// <summary>Turns the signature before this caveat into the one after it.</summary>
    internal void Link(Span<byte> signature)
    {
        if (IsThirdParty)
        {
            MacaroonHash.Link(signature, VerificationId.Span, Identifier.Span, signature);
        }
        else
        {
            MacaroonHash.Link(signature, Identifier.Span, signature);
        }
    }
}
