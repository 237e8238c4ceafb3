namespace RonKms.DevServer.Kem;

/// <summary>A ciphertext, and the key version that it is for.</summary>
internal sealed record DecapRequest(string Kid, byte[] CiphertextB3);
