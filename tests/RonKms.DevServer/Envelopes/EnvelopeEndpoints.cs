using System.Buffers.Binary;
using System.Security.Cryptography;
using RonKms.Capabilities;
using RonKms.DevServer.Access;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Envelopes;

/// <summary>Wrapping and unwrapping.</summary>
internal static class EnvelopeEndpoints
{
    internal static void MapEnvelopes(this IEndpointRouteBuilder kms)
    {
        kms.MapPost("/wrap", Wrap).WithName("wrap").Produces<WrapAnswer>();
        kms.MapPost("/unwrap", Unwrap).WithName("unwrap").Produces<UnwrapAnswer>();
    }

    private static WrapAnswer Wrap(Caller caller, WrapRequest body)
    {
        try
        {
            (KeyId key, IKeystore kms) = Use(caller, body.Kid);
            return new WrapAnswer(kms.Wrap(key, body.PayloadB3, body.AadB3));
        }
        finally
        {
            // The web server's own buffers hold it too: a harness, not a service.
            CryptographicOperations.ZeroMemory(body.PayloadB3);
        }
    }

    private static UnwrapAnswer Unwrap(Caller caller, UnwrapRequest body)
    {
        (KeyId key, IKeystore kms) = Use(caller, body.Kid);
        if (VersionNamedBy(body.EnvelopeB3, key) is { } version)
        {
            // That one opens it, whichever the request names: a capability for another version does not permit it.
            _ = caller.Use(CapabilityScopes.Wrap, version, "kid");
        }

        using SecretBytes payload = kms.Unwrap(key, body.EnvelopeB3, body.AadB3);
        return new UnwrapAnswer(payload.Reveal().ToArray());
    }

    /// <summary>The version of a key that an envelope says it is of: docs/formats/ronk-v1.md, section 6. What is no envelope of the key names none, and does not open.</summary>
    private static string? VersionNamedBy(ReadOnlySpan<byte> envelope, KeyId key)
    {
        const int VersionAt = 1 + 16;
        if (envelope.Length < VersionAt + sizeof(uint)
            || new Guid(envelope[1..VersionAt], bigEndian: true) != key.Uuid
            || BinaryPrimitives.ReadUInt32BigEndian(envelope[VersionAt..]) is not (> 0 and var version))
        {
            return null;
        }

        string latest = key.Latest.ToString();
        return $"{latest.AsSpan(0, latest.LastIndexOf('#'))}#v{version}";
    }

    private static (KeyId Key, IKeystore Keystore) Use(Caller caller, string name)
    {
        (KeyId Key, IKeystore Keystore) used = caller.Use(CapabilityScopes.Wrap, name, "kid");
        return used.Key.Algorithm.Use == KeyUse.Wrap ? used : throw new ProblemException(Problem.AnotherKind("kid"));
    }
}
