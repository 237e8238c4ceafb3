using RonKms.Capabilities;
using RonKms.DevServer.Access;
using RonKms.DevServer.Problems;
using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Signatures;

/// <summary>Signing and verifying.</summary>
internal static class SignatureEndpoints
{
    private const int MaxKeys = 16;
    private const int MaxSignatures = 32;

    internal static void MapSignatures(this IEndpointRouteBuilder kms)
    {
        kms.MapPost("/sign", Sign).WithName("sign").Produces<SignAnswer>();
        kms.MapPost("/verify", Verify).WithName("verify").Produces<VerifyAnswer>();
    }

    private static SignAnswer Sign(Caller caller, SignRequest body, CancellationToken cancelled)
    {
        (string field, IReadOnlyList<string> names) = (body.Kid, body.KidSet) switch
        {
            ({ } kid, null) => ("kid", [kid]),
            (null, { Count: > 0 and <= MaxKeys } set) when set.All(name => name is not null) => ("kid_set", set),
            _ => throw new ProblemException(Problem.Malformed("kid", "kid_set")),
        };

        // All are permitted before the first signs.
        (KeyId Key, IKeystore Keystore)[] signers = [.. names.Select(name => caller.Use(CapabilityScopes.Sign, name, field))];
        if (Array.Exists(signers, signer => signer.Key.Algorithm.Use != KeyUse.Sign))
        {
            throw new ProblemException(Problem.AnotherKind(field));
        }

        if (body.Alg is { } alg && !Array.TrueForAll(signers, signer => WireAlgorithm.Fits(signer.Key.Algorithm, alg)))
        {
            throw new ProblemException(Problem.Malformed("alg"));
        }

        List<WireSignature> signatures = [];
        SignAttestation? attestation = null;
        foreach ((KeyId key, IKeystore kms) in signers)
        {
            cancelled.ThrowIfCancellationRequested();
            byte[] signature = kms.Sign(key, body.PayloadB3, out KeyId signedBy);
            signatures.AddRange(SignatureHalves.Split(signedBy, signature));
            attestation = body.Kid is { } asked ? new SignAttestation(NameAs(asked, signedBy), kms.Get(signedBy).CreatedAt.ToUnixTimeMilliseconds()) : null;
        }

        return new SignAnswer(Ok: true, signatures, attestation);
    }

    private static VerifyAnswer Verify(Caller caller, VerifyRequest body, CancellationToken cancelled)
    {
        if (body.Sigs.Count is 0 or > MaxSignatures || body.Sigs.Any(signature => signature is null))
        {
            throw new ProblemException(Problem.Malformed("sigs"));
        }

        HybridPolicy policy = body.Policy switch
        {
            null or "both" => HybridPolicy.Both,
            "either" => HybridPolicy.Either,
            "pq" => HybridPolicy.PostQuantum,
            _ => throw new ProblemException(Problem.Malformed("policy")),
        };

        List<(KeyId Key, IKeystore Keystore, byte[] Signature)> items = [];
        foreach (IGrouping<string, WireSignature> parts in body.Sigs.GroupBy(signature => signature.Kid ?? throw new ProblemException(Problem.Malformed("kid"))))
        {
            (KeyId key, IKeystore kms) = caller.Use(CapabilityScopes.Read, parts.Key, "kid");
            if (key.IsLatest || key.Algorithm.Use != KeyUse.Sign)
            {
                throw new ProblemException(key.IsLatest ? Problem.NeedsVersion("kid") : Problem.AnotherKind("kid"));
            }

            items.Add((key, kms, SignatureHalves.Join(key.Algorithm, [.. parts])));
        }

        List<VerifyDetail> details = [];
        foreach ((KeyId key, IKeystore kms, byte[] signature) in items)
        {
            cancelled.ThrowIfCancellationRequested();
            SignOptions? options = SignatureHalves.HasTwo(key.Algorithm) ? new SignOptions { HybridPolicy = policy } : null;
            details.Add(new VerifyDetail(key.ToString(), kms.Verify(key, body.PayloadB3, signature, options)));
        }

        return new VerifyAnswer(details.TrueForAll(detail => detail.Ok), details);
    }

    /// <summary>The version that signed, under a short name where that was asked for.</summary>
    private static string NameAs(string asked, KeyId signedBy) =>
        KeyId.TryParse(asked, out _) ? signedBy.ToString() : $"{signedBy.Tenant}.{signedBy.Purpose}#v{signedBy.Version}";
}
