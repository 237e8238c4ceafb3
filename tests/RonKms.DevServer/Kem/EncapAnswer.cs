namespace RonKms.DevServer.Kem;

/// <summary>The ciphertext for the key's holder, and the secret that it stands for.</summary>
internal sealed record EncapAnswer(string Kid, byte[] CiphertextB3, byte[] SecretB3);
