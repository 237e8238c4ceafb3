namespace RonKms.DevServer.Kem;

/// <summary>A key to agree on a secret with.</summary>
internal sealed record EncapRequest(string Kid);
