using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Signatures;

/// <summary>The signatures: of a separable hybrid two.</summary>
internal sealed record SignAnswer(bool Ok, IReadOnlyList<WireSignature> Sigs, SignAttestation? Attestation = null);
