namespace RonKms.DevServer.Signatures;

/// <summary>Whether all signatures hold, and each.</summary>
internal sealed record VerifyAnswer(bool Ok, IReadOnlyList<VerifyDetail> Details);
