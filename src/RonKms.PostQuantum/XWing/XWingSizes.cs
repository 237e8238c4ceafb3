namespace RonKms.PostQuantum.XWing;

/// <summary>X-Wing's sizes in bytes, and those of its ML-KEM-768 half: draft-connolly-cfrg-xwing-kem-10, section 5.1.</summary>
internal static class XWingSizes
{
    internal const int Seed = 32;
    internal const int MLKemPublicKey = 1184;
    internal const int MLKemCiphertext = 1088;
    internal const int Ciphertext = MLKemCiphertext + X25519.Size;
    internal const int SharedSecret = 32;
}
