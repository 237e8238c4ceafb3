namespace RonKms.DevServer.Wire;

/// <summary>One signature.</summary>
/// <param name="Alg">Its algorithm.</param>
/// <param name="SigB3">Its bytes.</param>
/// <param name="Hybrid">Whether it is the post-quantum half of a pair, or of a hybrid as a whole.</param>
/// <param name="Kid">The key version that it is of. Always in answers; needed to verify.</param>
internal sealed record WireSignature(string Alg, byte[] SigB3, bool? Hybrid = null, string? Kid = null);
