namespace RonKms.DevServer.Signatures;

/// <summary>Whether what was sent of one key version holds.</summary>
internal sealed record VerifyDetail(string Kid, bool Ok);
