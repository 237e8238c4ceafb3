using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Signatures;

/// <summary>Signatures of one payload.</summary>
/// <param name="PayloadB3">What was signed.</param>
/// <param name="Sigs">The signatures, at most 32, as they were answered; each names its key version.</param>
/// <param name="Policy">Of a hybrid, which half must hold: both (without one), either, pq.</param>
internal sealed record VerifyRequest(byte[] PayloadB3, IReadOnlyList<WireSignature> Sigs, string? Policy = null);
