using System.Text.Json;
using RonKms.DevServer.Problems;
using RonKms.DevServer.Signatures;
using RonKms.DevServer.Wire;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>Requests to sign and to verify, as the harness reads them: written again they are read as the same; what is refused is named by known fields alone.</summary>
internal static class WireTarget
{
    private static readonly JsonSerializerOptions s_json = Options();

    internal static FuzzTarget Target { get; } = new("wire", Run)
    {
        Tokens =
        [
            "\"payload_b3\":", "\"kid\":", "\"kid_set\":", "\"alg\":", "\"sigs\":", "\"sig_b3\":", "\"hybrid\":", "\"policy\":",
            "null", "true", "[]", "{}", "\"\"", "\"AA==\"", "\"Ed25519\"", "\"ML-DSA\"", "\"mldsa65\"", "\"both\"", "\\u0041", "\\ud800", "acme.signing#v1",
        ],
        Seeds = static _ => new object[]
        {
            new SignRequest([1, 2, 3], "acme.signing#latest", Alg: "ed25519"),
            new SignRequest([], KidSet: ["acme.signing#v1", "acme.roots#v2"]),
            new VerifyRequest([1, 2, 3], [new WireSignature("Ed25519", new byte[64], Kid: "acme.signing#v1")]),
            new VerifyRequest([1], [.. Halves.Select(size => new WireSignature(size == 64 ? "Ed25519" : "ML-DSA", new byte[size], Hybrid: size != 64, "acme.roots#v1"))], "either"),
        }.Select(request => JsonSerializer.SerializeToUtf8Bytes(request, s_json)),
        MaxSize = 8192,
    };

    private static int[] Halves => [64, 3309];

    private static void Run(ReadOnlySpan<byte> input)
    {
        _ = Read<SignRequest>(input);
        if (Read<VerifyRequest>(input) is not { } verify || verify.Sigs.Any(signature => signature is null))
        {
            return;
        }

        foreach (KeyAlgorithm algorithm in (KeyAlgorithm[])[KeyAlgorithm.Ed25519, KeyAlgorithm.Ed25519MLDsa65])
        {
            try
            {
                byte[] joined = SignatureHalves.Join(algorithm, verify.Sigs);
                if (SignatureHalves.HasTwo(algorithm))
                {
                    Oracle.Holds(joined.Length == Halves.Sum(), $"two halves of {joined.Length} bytes");
                    IsIn(joined.AsSpan(0, Halves[0]), verify.Sigs);
                    IsIn(joined.AsSpan(Halves[0]), verify.Sigs);
                }
                else
                {
                    Oracle.Same(verify.Sigs[0].SigB3, joined);
                }
            }
            catch (ProblemException)
            {
                // Refused, as documented.
            }
        }
    }

    /// <summary>A half is one that was sent, or zero.</summary>
    private static void IsIn(ReadOnlySpan<byte> half, IReadOnlyList<WireSignature> sent)
    {
        foreach (WireSignature signature in sent)
        {
            if (half.SequenceEqual(signature.SigB3))
            {
                return;
            }
        }

        Oracle.Holds(!half.ContainsAnyExcept((byte)0), "a half is none of those that were sent");
    }

    private static T? Read<T>(ReadOnlySpan<byte> input)
        where T : class
    {
        try
        {
            T? read = JsonSerializer.Deserialize<T>(input, s_json);
            byte[] written = JsonSerializer.SerializeToUtf8Bytes(read, s_json);
            Oracle.Same(written, JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Deserialize<T>(written, s_json), s_json));
            return read;
        }
        catch (JsonException e)
        {
            Oracle.Holds(FieldNames.Of(e).All(name => name == FieldNames.Unknown || FieldNames.TryGet(name, out _)), "a refusal names a field that no request has");
            return null;
        }
    }

    private static JsonSerializerOptions Options()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web);
        WireJson.Configure(options);
        return options;
    }
}
