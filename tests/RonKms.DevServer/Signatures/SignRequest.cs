namespace RonKms.DevServer.Signatures;

/// <summary>Something to be signed, by one key or by several.</summary>
/// <param name="PayloadB3">What.</param>
/// <param name="Kid">By which key: a KeyId, or <c>tenant.purpose#vN</c>. This or kid_set.</param>
/// <param name="KidSet">By which keys, at most 16.</param>
/// <param name="Alg">The algorithm that is expected: the key's, or of a half.</param>
internal sealed record SignRequest(byte[] PayloadB3, string? Kid = null, IReadOnlyList<string>? KidSet = null, string? Alg = null);
