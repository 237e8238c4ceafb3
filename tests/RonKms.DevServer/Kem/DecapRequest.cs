namespace RonKms.DevServer.Kem;

/// <summary>A ciphertext, and the key version that it is for.</summary>
/// <param name="Kid">Which version, as encap named it; not #latest.</param>
/// <param name="CiphertextB3">The ciphertext.</param>
internal sealed record DecapRequest(string Kid, byte[] CiphertextB3);
