using RonKms.Capabilities;
using RonKms.DevServer.Access;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Kem;

/// <summary>Encapsulating and decapsulating.</summary>
internal static class KemEndpoints
{
    internal static void MapKem(this IEndpointRouteBuilder kms)
    {
        kms.MapPost("/encap", Encapsulate).WithName("encap").Produces<EncapAnswer>();
        kms.MapPost("/decap", Decapsulate).WithName("decap").Produces<DecapAnswer>();
    }

    private static EncapAnswer Encapsulate(Caller caller, EncapRequest body)
    {
        (KeyId key, IKeystore kms) = Use(caller, body.Kid);
        using Encapsulation made = kms.Encapsulate(key, out KeyId to);
        return new EncapAnswer(to.ToString(), made.Ciphertext.ToArray(), made.SharedSecret.Reveal().ToArray());
    }

    private static DecapAnswer Decapsulate(Caller caller, DecapRequest body)
    {
        (KeyId key, IKeystore kms) = Use(caller, body.Kid);
        if (key.IsLatest)
        {
            throw new ProblemException(Problem.NeedsVersion("kid"));
        }

        using SecretBytes secret = kms.Decapsulate(key, body.CiphertextB3);
        return new DecapAnswer(secret.Reveal().ToArray());
    }

    private static (KeyId Key, IKeystore Keystore) Use(Caller caller, string name)
    {
        (KeyId Key, IKeystore Keystore) used = caller.Use(CapabilityScopes.Wrap, name, "kid");
        return used.Key.Algorithm.Use == KeyUse.Encapsulate ? used : throw new ProblemException(Problem.AnotherKind("kid"));
    }
}
