namespace RonKms.PostQuantum.KeyFormats;

/// <summary>AlgorithmIdentifiers of FIPS 203, 204 and 205: an OID under NIST's arc 2.16.840.1.101.3.4, and no parameters.</summary>
internal static class NistAlgorithmIdentifier
{
    /// <summary>The arc of key encapsulation: 2.16.840.1.101.3.4.4.</summary>
    internal const byte Kems = 4;

    /// <summary>The arc of signatures: 2.16.840.1.101.3.4.3.</summary>
    internal const byte Signatures = 3;

    /// <summary>Encodes an AlgorithmIdentifier.</summary>
    /// <param name="arc"><see cref="Kems"/> or <see cref="Signatures"/>.</param>
    /// <param name="number">The last number of the OID, below 128.</param>
    /// <returns>The DER encoding, 13 bytes.</returns>
    internal static byte[] Encode(byte arc, byte number) =>
        [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, arc, number];
}
