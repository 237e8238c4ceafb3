namespace RonKms.Tests.Keystores;

/// <summary>A key of each use, with what it made.</summary>
internal sealed class UsedKeys
{
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static readonly byte[] Pkcs8 = [.. Convert.FromHexString("302e020100300506032b657004220420"), .. Secret];

    public UsedKeys(IKeystore keystore)
    {
        Signing = keystore.Create("acme", "used", KeyAlgorithm.Ed25519);
        Mac = keystore.Create("acme", "used", KeyAlgorithm.HmacSha256);
        Kem = keystore.Create("acme", "used", KeyAlgorithm.X25519);
        Wrapping = keystore.Create("acme", "used", KeyAlgorithm.Aes256Gcm);
        Spare = keystore.Create("acme", "used", KeyAlgorithm.Ed25519);
        Signature = keystore.Sign(Signing, "m"u8);
        Code = keystore.ComputeMac(Mac, "m"u8, out _);
        Envelope = keystore.Wrap(Wrapping, "m"u8);
        using Encapsulation encapsulation = keystore.Encapsulate(Kem, out _);
        Ciphertext = encapsulation.Ciphertext.ToArray();
        Sealed = keystore.GetPublicKey(Kem).HpkeSeal("m"u8);
    }

    public KeyId Signing { get; }

    public KeyId Mac { get; }

    public KeyId Kem { get; }

    public KeyId Wrapping { get; }

    /// <summary>A signing key whose life may change.</summary>
    public KeyId Spare { get; }

    public byte[] Signature { get; }

    public byte[] Code { get; }

    public byte[] Envelope { get; }

    public byte[] Ciphertext { get; }

    public byte[] Sealed { get; }
}
