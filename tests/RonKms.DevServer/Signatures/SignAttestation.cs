namespace RonKms.DevServer.Signatures;

/// <summary>Which version signed, under the name that was asked for, and when it was made.</summary>
internal sealed record SignAttestation(string Kid, long CreatedMs);
