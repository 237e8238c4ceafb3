namespace RonKms.DevServer.Kem;

/// <summary>The secret.</summary>
internal sealed record DecapAnswer(byte[] SecretB3);
