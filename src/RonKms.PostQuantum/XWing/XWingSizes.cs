namespace RonKms.PostQuantum.XWing;

/// <summary>X-Wing's sizes in bytes, and those of its halves: draft-connolly-cfrg-xwing-kem-10, section 5.1.</summary>
internal static class XWingSizes
{
    internal const int Seed = 32;
    internal const int MLKemPublicKey = 1184;
    internal const int MLKemCiphertext = 1088;
    internal const int MLKemSeed = 64;
    internal const int X25519 = 32;
    internal const int Ciphertext = MLKemCiphertext + X25519;
    internal const int SharedSecret = 32;
}
