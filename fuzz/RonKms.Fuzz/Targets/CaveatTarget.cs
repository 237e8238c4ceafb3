using System.Text;
using RonKms.Capabilities;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>Conditions of capabilities: what is read is printed to the same text.</summary>
internal static class CaveatTarget
{
    private static readonly KeyId s_key = KeyId.Parse("acme/signing/ed25519/3d7313c9-2a3b-4fda-b8f6-0c6e19094d0d#v1");

    internal static FuzzTarget Target { get; } = new("caveat", Run)
    {
        Tokens =
        [
            "tenant=", "scope=", "alg=", "kid=", "exp=", "nonce=", "rps=", "kms:read", "kms:sign", "kms:rotate", "kms:wrap", ",", "#v1", "#latest", "T00:00:00Z",
            .. KeyAlgorithm.All.Select(algorithm => algorithm.Name),
        ],
        Seeds = static _ => new[]
        {
            CapabilityCaveat.ForTenant("acme"), CapabilityCaveat.ForScopes(CapabilityCaveat.AllScopes), CapabilityCaveat.Once("7f3a"), CapabilityCaveat.AtMost(50),
            CapabilityCaveat.ForAlgorithms([.. KeyAlgorithm.All]), CapabilityCaveat.ExpiresAt(DateTimeOffset.UnixEpoch.AddYears(60)),
            CapabilityCaveat.ForKey(s_key), CapabilityCaveat.ForKeyVersion(s_key),
        }.Select(caveat => Encoding.ASCII.GetBytes(caveat.ToString())),
        MaxSize = 1200,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (CapabilityCaveat.TryParse(input, out CapabilityCaveat? caveat))
        {
            Oracle.Same(input, Encoding.ASCII.GetBytes(caveat.ToString()));
            _ = caveat.Judge(new CapabilityRequest(CapabilityScopes.Sign, s_key), DateTimeOffset.UnixEpoch);
        }
    }
}
