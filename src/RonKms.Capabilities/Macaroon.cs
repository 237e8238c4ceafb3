using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using RonKms.Capabilities.Chain;
using RonKms.Capabilities.Serialization;

namespace RonKms.Capabilities;

/// <summary>A macaroon: an identifier and caveats under a chain of HMAC-SHA-256. Whoever holds it can add caveats and take none away.</summary>
/// <remarks>
/// A bearer token: its serialised form is as good as what it permits, so keep it out of logs (<see cref="object.ToString"/> tells nothing of it).
/// Immutable and thread-safe. The same bytes and signatures as libmacaroons. Source: docs/capabilities.md; doc/format.txt of libmacaroons.
/// </remarks>
public sealed class Macaroon
{
    /// <summary>The most bytes a macaroon has in its binary form.</summary>
    public const int MaxSize = 16_384;

    /// <summary>The most caveats a macaroon has.</summary>
    public const int MaxCaveats = 64;

    private readonly byte[] _signature;
    private readonly MacaroonCaveat[] _caveats;

    /// <summary>Takes the parts as they are; the caller has checked them with <see cref="IsWithinLimits"/>.</summary>
    internal Macaroon(string? location, ReadOnlyMemory<byte> identifier, MacaroonCaveat[] caveats, byte[] signature)
    {
        Location = location;
        Identifier = identifier;
        _caveats = caveats;
        _signature = signature;
    }

    /// <summary>Where it is good, if that is told. A hint: it is not authenticated.</summary>
    public string? Location { get; }

    /// <summary>What whoever made it knows it by. Of a capability the text of its <see cref="CapabilityId"/>.</summary>
    public ReadOnlyMemory<byte> Identifier { get; }

    /// <summary>The caveats, in their order.</summary>
    public IReadOnlyList<MacaroonCaveat> Caveats => _caveats;

    internal ReadOnlySpan<byte> Signature => _signature;

    /// <summary>Makes a macaroon under a root key of one's own: what a third party does to discharge a caveat. Capabilities come from <see cref="CapabilityIssuer"/>.</summary>
    /// <param name="location">A hint where it is good, or nothing.</param>
    /// <param name="rootKey">The secret, as it was given to <see cref="AddThirdPartyCaveat"/>; random, at least 32 bytes. It stays the caller's.</param>
    /// <param name="identifier">What it is called; of a discharge the caveat's identifier.</param>
    /// <returns>The macaroon.</returns>
    /// <exception cref="ArgumentException">The key or the identifier is empty, or it would be larger than <see cref="MaxSize"/>.</exception>
    public static Macaroon Create(string? location, ReadOnlySpan<byte> rootKey, ReadOnlySpan<byte> identifier)
    {
        RequireNotEmpty(rootKey, nameof(rootKey));
        RequireNotEmpty(identifier, nameof(identifier));
        Span<byte> key = stackalloc byte[MacaroonHash.Size];
        try
        {
            MacaroonHash.DeriveKey(rootKey, key);
            MacaroonHash.Link(key, identifier, key);
            return Checked(new Macaroon(Hint(location), identifier.ToArray(), [], key.ToArray()), nameof(identifier));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Reads a macaroon from any form that <see cref="TryParse(ReadOnlySpan{byte}, out Macaroon?)"/> takes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The macaroon. Nothing of it is verified.</returns>
    /// <exception cref="FormatException">It is not one.</exception>
    public static Macaroon Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out Macaroon? macaroon)
            ? macaroon
            : throw new FormatException("Not a macaroon. It is read from base64 of the binary form (v2) or of packets (v1), or from JSON.");
    }

    /// <summary>Reads a macaroon from text: base64, URL-safe or standard, padded or not; or JSON.</summary>
    /// <param name="text">The text.</param>
    /// <param name="macaroon">Receives the macaroon. Nothing of it is verified.</param>
    /// <returns>Whether it is one. Never throws.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Macaroon? macaroon)
    {
        macaroon = null;
        return text is not null && text.Length <= MacaroonReader.MaxInput && TryParse(Encoding.UTF8.GetBytes(text), out macaroon);
    }

    /// <summary>Reads a macaroon from bytes: binary v2, packets (v1), base64 of one of these, or JSON.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="macaroon">Receives the macaroon. Nothing of it is verified.</param>
    /// <returns>Whether it is one, whole, with nothing after it, and within <see cref="MaxSize"/> and <see cref="MaxCaveats"/>. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out Macaroon? macaroon)
    {
        macaroon = MacaroonReader.Read(data);
        if (macaroon is null || !macaroon.IsWithinLimits())
        {
            macaroon = null;
            return false;
        }

        return true;
    }

    /// <summary>The binary form, v2: what is sent.</summary>
    /// <returns>At most <see cref="MaxSize"/> bytes.</returns>
    public byte[] Serialize() => BinaryV2.Write(this);

    /// <summary>The binary form as text: base64url without padding (RFC 4648, section 5), for headers.</summary>
    /// <returns>The text.</returns>
    public string SerializeToText() => Base64Text.Encode(Serialize());

    /// <summary>The same macaroon with one condition more.</summary>
    /// <param name="caveat">The condition.</param>
    /// <returns>A new macaroon.</returns>
    /// <exception cref="InvalidOperationException">It would have more than <see cref="MaxCaveats"/> caveats or <see cref="MaxSize"/> bytes.</exception>
    public Macaroon AddFirstPartyCaveat(CapabilityCaveat caveat)
    {
        ArgumentNullException.ThrowIfNull(caveat);
        return AddFirstPartyCaveat(caveat.ToString());
    }

    /// <summary>The same macaroon with one condition more, in the words of whoever verifies it.</summary>
    /// <param name="predicate">The condition. <see cref="CapabilityVerifier"/> refuses what is not a <see cref="CapabilityCaveat"/>.</param>
    /// <returns>A new macaroon.</returns>
    /// <exception cref="InvalidOperationException">It would have more than <see cref="MaxCaveats"/> caveats or <see cref="MaxSize"/> bytes.</exception>
    public Macaroon AddFirstPartyCaveat(string predicate)
    {
        ArgumentException.ThrowIfNullOrEmpty(predicate);
        return Add(new MacaroonCaveat(Encoding.UTF8.GetBytes(predicate)));
    }

    /// <summary>The same macaroon, good only together with a discharge of a third party.</summary>
    /// <param name="location">A hint where the discharge can be had, or nothing.</param>
    /// <param name="rootKey">A new secret, shared with the third party and nobody else; random, at least 32 bytes. It stays the caller's.</param>
    /// <param name="identifier">What tells the third party which secret to use and what to check: what it made, or what is encrypted to it.</param>
    /// <returns>A new macaroon.</returns>
    /// <exception cref="ArgumentException">The key or the identifier is empty.</exception>
    /// <exception cref="InvalidOperationException">It would have more than <see cref="MaxCaveats"/> caveats or <see cref="MaxSize"/> bytes.</exception>
    public Macaroon AddThirdPartyCaveat(string? location, ReadOnlySpan<byte> rootKey, ReadOnlySpan<byte> identifier)
    {
        RequireNotEmpty(rootKey, nameof(rootKey));
        RequireNotEmpty(identifier, nameof(identifier));
        Span<byte> key = stackalloc byte[MacaroonHash.Size];
        try
        {
            MacaroonHash.DeriveKey(rootKey, key);
            return Add(new MacaroonCaveat(identifier.ToArray(), VerificationId.Seal(key, _signature), Hint(location)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Makes a discharge good for this macaroon, as it is now, and for no other. Add caveats to both before.</summary>
    /// <param name="discharge">The discharge as the third party gave it.</param>
    /// <returns>What is sent together with this macaroon.</returns>
    public Macaroon BindDischarge(Macaroon discharge)
    {
        ArgumentNullException.ThrowIfNull(discharge);
        byte[] bound = new byte[MacaroonHash.Size];
        MacaroonHash.Bind(_signature, discharge._signature, bound);
        return new Macaroon(discharge.Location, discharge.Identifier, discharge._caveats, bound);
    }

    /// <summary>Adds a caveat that is made already.</summary>
    internal Macaroon Add(MacaroonCaveat caveat)
    {
        byte[] signature = [.. _signature];
        caveat.Link(signature);
        Macaroon added = new(Location, Identifier, [.. _caveats, caveat], signature);
        return added.IsWithinLimits()
            ? added
            : throw new InvalidOperationException($"A macaroon has at most {MaxCaveats} caveats and {MaxSize} bytes.");
    }

    /// <summary>A macaroon whose signature was computed elsewhere; it is copied.</summary>
    internal static Macaroon FromChain(byte[] identifier, MacaroonCaveat[] caveats, ReadOnlySpan<byte> signature, string name) =>
        Checked(new Macaroon(null, identifier, caveats, signature.ToArray()), name);

    private static Macaroon Checked(Macaroon macaroon, string name) =>
        macaroon.IsWithinLimits() ? macaroon : throw new ArgumentException($"The macaroon would have more than {MaxSize} bytes.", name);

    private static string? Hint(string? location) => string.IsNullOrEmpty(location) ? null : location;

    private static void RequireNotEmpty(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("There must be at least one byte.", name);
        }
    }

    private bool IsWithinLimits() => _caveats.Length <= MaxCaveats && BinaryV2.SizeOf(this) <= MaxSize;
}
