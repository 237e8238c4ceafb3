namespace RonKms.DevServer.Keys;

/// <summary>A key to be made.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Alg">Its algorithm, as in a KeyId (docs/algorithms.md has the names); without one, what RON_KMS_PQ_MODE signs with.</param>
/// <param name="Policy">What else it is given.</param>
internal sealed record CreateKeyRequest(string Tenant, string Purpose, string? Alg = null, KeyPolicy? Policy = null);
